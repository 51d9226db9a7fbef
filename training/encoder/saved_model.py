"""The Universal Sentence Encoder (USE) multilingual as a TensorFlow SavedModel of strings, for TensorFlow Hub."""

from pathlib import Path

from training.encoder import graph
from training.encoder.weights import load_weights
from worker.models.tensorflow import SavedModel, Tensor, native_stderr_muted, tensorflow


def write_saved_model(folder: Path) -> None:
    """Write a SavedModel that maps strings, shape (n,), to floats, shape (n, 512).

    Raises:
        ModuleNotFoundError: the extra `training` is not installed.

    """
    module = build_saved_model()
    with native_stderr_muted():
        tensorflow().saved_model.save(module, str(folder))


def build_saved_model() -> SavedModel:
    """Return the encoder as a `tf.Module` that maps strings, shape (n,), to floats, shape (n, 512).

    `tokenize(strings)` returns the piece ids, ragged (n, pieces); `encode(ids, counts)` takes them padded.

    Raises:
        ModuleNotFoundError: the extra `training` is not installed.

    """
    tf = tensorflow()
    import tensorflow_text

    model, weights = load_weights()

    class Use(tf.Module):  # type: ignore[misc, name-defined]  # TensorFlow has no types
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

    return Use()
