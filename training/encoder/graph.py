"""USE's network as TensorFlow operations, twice: for texts that are padded, and for texts in one row without padding.

Convolutions over 2, 3 and 5 pieces, two deep, are normalised together with the pieces, summed over the text, and go
through a residual network. In a row of texts two zero pieces stand after each text: no convolution sees from one
text into another, so that the vectors are the padded ones'. `facts` are a piece's sum, sum of squares, scale and shift.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHUNKS = 17
ORDERS = (2, 3, 5)
WIDTH = 256
LAYERS = [(layer, order) for order in ORDERS for layer in "12"]
_FEATURES = 512 + WIDTH * len(ORDERS)

Tensor = Any  # TensorFlow has no types
TensorFlow = Any
Weights = dict[str, Tensor]


def centred(w: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return the weights with a table of small signed numbers around 0, which bfloat16 holds and adds up well."""
    zero = np.round(-w["lo"] / w["scale"]).astype(np.int16)
    chunk = np.arange(len(w["table"])) % CHUNKS
    table = (w["table"].astype(np.int16) - zero[chunk, np.newaxis]).astype(np.int8)
    return {**w, "table": table, "lo": (w["lo"] + zero * w["scale"]).astype(np.float32)}


def forward(tf: TensorFlow, w: Weights, ids: Tensor, counts: Tensor) -> Tensor:
    """Return unit vectors, shape (n, 512), of piece ids, shape (n, pieces), of which the first `counts` are real."""
    real = tf.sequence_mask(counts, tf.shape(ids)[1], dtype=tf.float32)[:, tf.newaxis, :, tf.newaxis]
    pieces = _pieces(tf, w, ids)
    inputs = [part[:, tf.newaxis] * real for part in _inputs(tf, w, pieces)]
    features = tf.concat([pieces, *(part[:, 0] for part in _branches(tf, kernels(tf, w), inputs, real))], -1)
    features = _normalize(tf, features, w["ln_g"], w["ln_b"], w["eps"]) * real[:, 0]
    return _network(tf, w, tf.reduce_sum(features, 1), tf.cast(counts, tf.float32)[:, tf.newaxis])


def prepare(tf: TensorFlow, w: Weights, ids: Tensor) -> list[Tensor]:
    """Return what the convolutions see of each piece, three of shape (n, 256) in bfloat16, and its facts, (n, 4)."""
    pieces = _pieces(tf, w, ids)
    sums = [tf.reduce_sum(pieces, -1), tf.reduce_sum(pieces * pieces, -1)]
    facts = tf.stack([*sums, *(tf.gather(w[name], ids % CHUNKS) for name in ("scale", "lo"))], -1)
    return [*(tf.cast(part, tf.bfloat16) for part in _inputs(tf, w, pieces)), facts]


def kernels(tf: TensorFlow, w: Weights, dtype: Tensor = None) -> list[Tensor]:
    """Return the convolutions' kernels, then their biases, in a type of floats."""
    shaped = [tf.reshape(w[f"w{layer}_{order}"], (1, order, WIDTH, WIDTH)) for layer, order in LAYERS]
    return [tf.cast(x, dtype or tf.float32) for x in [*shaped, *(w[f"b{layer}_{order}"] for layer, order in LAYERS)]]


def embed(
    tf: TensorFlow,
    w: Weights,
    cache: Sequence[Tensor],
    weights: Sequence[Tensor],
    row: Sequence[Tensor],
) -> Tensor:
    """Return unit vectors, shape (n, 512), of texts in a row.

    Args:
        tf: TensorFlow.
        w: the weights.
        cache: what `prepare` gives for all pieces, and a last piece of zeros, which is the gap's.
        weights: what `kernels` gives, in the type of floats to compute in.
        row: piece ids, shape (pieces,); the number of its text for each, -1 for a gap; pieces of each text, shape (n,).

    """
    (*tables, facts), (ids, owners, counts), dtype = cache, row, weights[0].dtype
    real = tf.cast(owners >= 0, dtype)[tf.newaxis, tf.newaxis, :, tf.newaxis]
    inputs = [tf.cast(tf.gather(table, ids), dtype)[tf.newaxis, tf.newaxis] for table in tables]
    branches = [part[0, 0] for part in _branches(tf, weights, inputs, real)]
    table = tf.gather(w["table"], tf.minimum(ids, tf.shape(w["table"])[0] - 1))
    sums = _summed(tf, w, tf.cast(table, dtype), branches, tf.gather(facts, ids), owners, tf.shape(counts)[0])
    n = tf.cast(counts, tf.float32)[:, tf.newaxis]
    return _network(tf, w, sums * w["ln_g"] + n * w["ln_b"], n)


def _summed(
    tf: TensorFlow,
    w: Weights,
    table: Tensor,
    branches: list[Tensor],
    facts: Tensor,
    owners: Tensor,
    n: Tensor,
) -> Tensor:
    """Return normalised features summed over each text: a product with a matrix that has a row for each text.

    Normalising a piece takes two numbers, its features' mean and deviation; the matrix holds the latter.
    """
    floats = [tf.cast(part, tf.float32) for part in branches]
    total = facts[:, 0] + tf.add_n([tf.reduce_sum(part, -1) for part in floats])
    squares = facts[:, 1] + tf.add_n([tf.reduce_sum(part * part, -1) for part in floats])
    mean = total / _FEATURES
    shrink = tf.math.rsqrt(squares / _FEATURES - mean * mean + w["eps"])
    matrix = tf.where(owners[tf.newaxis] == tf.range(n)[:, tf.newaxis], shrink[tf.newaxis], 0.0)
    shift = matrix @ tf.stack([facts[:, 3] - mean, -mean], 1)
    scaled, matrix = (tf.cast(x, table.dtype) for x in (matrix * facts[:, 2], matrix))
    parts = [tf.cast(scaled @ table, tf.float32) + shift[:, :1]]
    return tf.concat([*parts, *(tf.cast(matrix @ part, tf.float32) + shift[:, 1:] for part in branches)], -1)


def _pieces(tf: TensorFlow, w: Weights, ids: Tensor) -> Tensor:
    scale, lo = (tf.gather(w[name], ids % CHUNKS)[..., tf.newaxis] for name in ("scale", "lo"))
    return tf.cast(tf.gather(w["table"], ids), tf.float32) * scale + lo


def _inputs(tf: TensorFlow, w: Weights, pieces: Tensor) -> list[Tensor]:
    """Return what the convolutions of each order see, normalised together."""

    def joined(name: str) -> Tensor:
        return tf.concat([w[f"{name}{order}"] for order in ORDERS], -1)

    projected = pieces @ joined("proj") + joined("proj_b")
    return list(tf.split(_normalize(tf, projected, joined("ln_g"), joined("ln_b"), w["eps"]), len(ORDERS), -1))


def _branches(tf: TensorFlow, weights: Sequence[Tensor], inputs: list[Tensor], real: Tensor) -> list[Tensor]:
    """Return the n-gram features, shape (n, 1, pieces, 256) for each order; what is not real stays zero between."""
    features = []
    convolutions = list(zip(weights[: len(LAYERS)], weights[len(LAYERS) :], strict=True))
    for branch, x in enumerate(inputs):
        first, second = convolutions[2 * branch : 2 * branch + 2]
        hidden = (_convolve(tf, x, *first) + x) * real
        features.append(_convolve(tf, hidden, *second) + hidden)
    return features


def _convolve(tf: TensorFlow, x: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
    """Convolve in two dimensions, one of size 1: that is what oneDNN takes together with the bias and the relu."""
    return tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, kernel, 1, "SAME"), bias))


def _network(tf: TensorFlow, w: Weights, summed: Tensor, n: Tensor) -> Tensor:
    x = (summed @ w["cnn_W"] + n * w["cnn_b"]) * tf.math.rsqrt(n)
    first = tf.nn.relu(x @ w["d0"])
    second = tf.nn.relu(x @ w["p1"] + first @ w["d1"])
    third = tf.nn.relu(second @ w["d2"])
    out = tf.tanh(second @ w["p3"] + third @ w["d3"])
    return out * tf.math.rsqrt(tf.maximum(tf.reduce_sum(out * out, -1, keepdims=True), w["eps"]))


def _normalize(tf: TensorFlow, x: Tensor, gain: Tensor, bias: Tensor, eps: Tensor) -> Tensor:
    """Layer normalisation (Ba, Kiros and Hinton 2016)."""
    x -= tf.reduce_mean(x, -1, keepdims=True)
    return x * tf.math.rsqrt(tf.reduce_mean(x * x, -1, keepdims=True) + eps) * gain + bias
