"""The network of the Universal Sentence Encoder (USE) in TensorFlow for padded texts."""

from collections.abc import Mapping

from worker.models.encoder.tensorflow_layers import ORDERS, kernels, ngram_features, residual_network
from worker.models.tensorflow import Tensor, TensorFlow

Weights = Mapping[str, Tensor]


def forward(tf: TensorFlow, w: Weights, ids: Tensor, counts: Tensor) -> Tensor:
    """Return unit vectors, shape (n, 512), of padded texts.

    Args:
        tf: TensorFlow.
        w: the weights.
        ids: piece ids, shape (n, pieces).
        counts: number of pieces of each text, shape (n,); the ids after them are padding.

    """
    mask = tf.sequence_mask(counts, tf.shape(ids)[1], dtype=tf.float32)[:, tf.newaxis, :, tf.newaxis]
    pieces = _embeddings(tf, w, ids)
    inputs = [part[:, tf.newaxis] * mask for part in _convolution_inputs(tf, w, pieces)]
    features = tf.concat([pieces, *(part[:, 0] for part in ngram_features(tf, kernels(tf, w), inputs, mask))], -1)
    features = _layer_norm(tf, features, w["ln_g"], w["ln_b"], w["eps"]) * mask[:, 0]
    return residual_network(tf, w, tf.reduce_sum(features, 1), tf.cast(counts, tf.float32)[:, tf.newaxis])


def _embeddings(tf: TensorFlow, w: Weights, ids: Tensor) -> Tensor:
    """Return the dequantized embeddings, shape (..., 512)."""
    scale, offset = (tf.gather(w[name], ids % tf.shape(w[name])[0])[..., tf.newaxis] for name in ("scale", "offset"))
    return tf.cast(tf.gather(w["embeddings"], ids), tf.float32) * scale + offset


def _convolution_inputs(tf: TensorFlow, w: Weights, pieces: Tensor) -> list[Tensor]:
    """Return the projected embeddings for each order, shape (..., 256); they are layer-normalized together."""
    projected = _layer_norm(tf, pieces @ w["projection"] + w["bias"], w["gain"], w["shift"], w["eps"])
    return list(tf.split(projected, len(ORDERS), -1))


def _layer_norm(tf: TensorFlow, x: Tensor, gain: Tensor, bias: Tensor, eps: Tensor) -> Tensor:
    """Normalize the last axis to mean 0 and variance 1, then scale and shift (Ba, Kiros and Hinton 2016)."""
    x -= tf.reduce_mean(x, -1, keepdims=True)
    return x * tf.math.rsqrt(tf.reduce_mean(x * x, -1, keepdims=True) + eps) * gain + bias
