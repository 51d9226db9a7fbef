"""Layers of the Universal Sentence Encoder in TensorFlow."""

from collections.abc import Sequence

from training.encoder.weights import CHUNKS
from worker.models.tensorflow import Tensor, TensorFlow

ORDERS = (2, 3, 5)
"""Pieces that an n-gram feature spans."""
WIDTH = 256
CONVOLUTIONS = [(layer, order) for order in ORDERS for layer in "12"]

Weights = dict[str, Tensor]


def piece_embeddings(tf: TensorFlow, w: Weights, ids: Tensor) -> Tensor:
    """Return the dequantized embeddings, shape (..., 512)."""
    scale, lo = (tf.gather(w[name], ids % CHUNKS)[..., tf.newaxis] for name in ("scale", "lo"))
    return tf.cast(tf.gather(w["table"], ids), tf.float32) * scale + lo


def convolution_inputs(tf: TensorFlow, w: Weights, pieces: Tensor) -> list[Tensor]:
    """Return the projected embeddings for each order, shape (..., 256); they are layer-normalized together."""

    def joined(name: str) -> Tensor:
        return tf.concat([w[f"{name}{order}"] for order in ORDERS], -1)

    projected = pieces @ joined("proj") + joined("proj_b")
    return list(tf.split(layer_norm(tf, projected, joined("ln_g"), joined("ln_b"), w["eps"]), len(ORDERS), -1))


def ngram_features(tf: TensorFlow, weights: Sequence[Tensor], inputs: list[Tensor], mask: Tensor) -> list[Tensor]:
    """Return the features of each order, shape (n, 1, pieces, 256); masked pieces are zero between the two layers."""
    features = []
    convolutions = list(zip(weights[: len(CONVOLUTIONS)], weights[len(CONVOLUTIONS) :], strict=True))
    for branch, x in enumerate(inputs):
        first, second = convolutions[2 * branch : 2 * branch + 2]
        hidden = (_convolve(tf, x, *first) + x) * mask
        features.append(_convolve(tf, hidden, *second) + hidden)
    return features


def _convolve(tf: TensorFlow, x: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
    """Convolve in two dimensions, one of size 1: oneDNN fuses this form with the bias and the ReLU."""
    return tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, kernel, 1, "SAME"), bias))


def residual_network(tf: TensorFlow, w: Weights, summed: Tensor, n: Tensor) -> Tensor:
    """Return unit vectors, shape (n, 512), of the features summed over each text and the numbers of pieces, (n, 1)."""
    x = (summed @ w["cnn_W"] + n * w["cnn_b"]) * tf.math.rsqrt(n)
    first = tf.nn.relu(x @ w["d0"])
    second = tf.nn.relu(x @ w["p1"] + first @ w["d1"])
    third = tf.nn.relu(second @ w["d2"])
    out = tf.tanh(second @ w["p3"] + third @ w["d3"])
    return out * tf.math.rsqrt(tf.maximum(tf.reduce_sum(out * out, -1, keepdims=True), w["eps"]))


def layer_norm(tf: TensorFlow, x: Tensor, gain: Tensor, bias: Tensor, eps: Tensor) -> Tensor:
    """Normalize the last axis to mean 0 and variance 1, then scale and shift (Ba, Kiros and Hinton 2016)."""
    x -= tf.reduce_mean(x, -1, keepdims=True)
    return x * tf.math.rsqrt(tf.reduce_mean(x * x, -1, keepdims=True) + eps) * gain + bias
