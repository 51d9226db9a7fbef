"""The network of the Universal Sentence Encoder (USE) in TensorFlow, from the rows of the pieces to the vectors.

For every piece of a text, convolutions over 2, 3 and 5 pieces, two layers deep, compute n-gram features. They are
concatenated with the piece's embedding, layer-normalized, summed over the text, and passed through a residual network.
"""

from collections.abc import Mapping, Sequence

from worker.models.tensorflow import DType, Tensor, TensorFlow

ORDERS = (2, 3, 5)
"""Pieces that an n-gram feature spans."""
WIDTH = 256
CONVOLUTIONS = [(layer, order) for order in ORDERS for layer in "12"]
_FEATURES = 512 + WIDTH * len(ORDERS)

Weights = Mapping[str, Tensor]


def kernels(tf: TensorFlow, w: Weights, dtype: DType = None) -> list[Tensor]:
    """Return the kernels of the convolutions, then their biases, as floats of the given type (default: float32)."""
    shaped = [tf.reshape(w[f"w{layer}_{order}"], (1, order, WIDTH, WIDTH)) for layer, order in CONVOLUTIONS]
    biases = [tf.convert_to_tensor(w[f"b{layer}_{order}"]) for layer, order in CONVOLUTIONS]
    return [tf.cast(x, dtype or tf.float32) for x in [*shaped, *biases]]


def embed(
    tf: TensorFlow, w: Weights, convolutions: Sequence[Tensor], rows: Mapping[str, Tensor], packed: Sequence[Tensor]
) -> Tensor:
    """Return unit vectors, shape (n, 512), of packed texts.

    Args:
        tf: TensorFlow.
        w: the weights.
        convolutions: what `kernels` returns, in the float type to compute in.
        rows: of the pieces, see `worker.models.encoder.pieces.PieceTable.rows`.
        packed: the index of the text that owns each piece, -1 in a gap, shape (pieces,); number of pieces of each
            text, shape (n,).

    """
    (owners, counts), dtype = packed, convolutions[0].dtype
    mask = tf.cast(owners >= 0, dtype)[tf.newaxis, tf.newaxis, :, tf.newaxis]
    inputs = tf.split(tf.cast(rows["inputs"], dtype)[tf.newaxis, tf.newaxis], len(ORDERS), -1)
    ngrams = [part[0, 0] for part in ngram_features(tf, convolutions, inputs, mask)]
    quantized = tf.cast(rows["embeddings"], dtype)
    sums = sum_normalized(tf, w, quantized, ngrams, rows["facts"], owners, tf.shape(counts)[0])
    n = tf.cast(counts, tf.float32)[:, tf.newaxis]
    return residual_network(tf, w, sums * w["ln_g"] + n * w["ln_b"], n)


def ngram_features(tf: TensorFlow, weights: Sequence[Tensor], inputs: Sequence[Tensor], mask: Tensor) -> list[Tensor]:
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


def sum_normalized(
    tf: TensorFlow,
    w: Weights,
    quantized: Tensor,
    ngrams: list[Tensor],
    statistics: Tensor,
    owners: Tensor,
    n: Tensor,
) -> Tensor:
    """Return the layer-normalized features summed over each text, without gain and bias, shape (n, 1280).

    Normalizing piece p means (x_p - mean_p) * r_p, where r_p is 1 / standard deviation. Let R, shape (n, pieces), hold
    r_p in the row of the text that owns p and 0 elsewhere. Then the sums over all texts are the product
    R @ x - R @ mean: one matrix multiplication instead of normalizing and adding up every feature.

    Example: text 0 has two pieces, text 1 has one, with a gap (owner -1) between. Of one feature:

        owners = [0, 0, -1, 1]    x = [4, 3, 9, 7]    mean = [2, 1, 5, 4]    r = [0.5, 2, 3, 1]

        R = [[0.5, 2, 0, 0],      R @ x = [8, 7]      R @ mean = [3, 4]      sums = [5, 3]
             [0,   0, 0, 1]]

    By hand: 0.5 * (4 - 2) + 2 * (3 - 1) = 5 for text 0, and 1 * (7 - 4) = 3 for text 1. The gap counts for nothing.

    The embeddings stay quantized: with x_p = scale_p * q_p + lo_p, R @ x is (R * scale) @ q + R @ lo.

    Args:
        tf: TensorFlow.
        w: the weights.
        quantized: q, the embeddings as small integers, shape (pieces, 512), in the float type to compute in.
        ngrams: features of each order, shape (pieces, 256).
        statistics: the `facts` of the pieces, shape (pieces, 4).
        owners: index of the text that owns each piece, -1 in a gap, shape (pieces,).
        n: number of texts.

    """
    floats = [tf.cast(part, tf.float32) for part in ngrams]
    total = statistics[:, 0] + tf.add_n([tf.reduce_sum(part, -1) for part in floats])
    squares = statistics[:, 1] + tf.add_n([tf.reduce_sum(part * part, -1) for part in floats])
    mean = total / _FEATURES
    r = tf.math.rsqrt(squares / _FEATURES - mean * mean + w["eps"])
    matrix = tf.where(owners[tf.newaxis] == tf.range(n)[:, tf.newaxis], r[tf.newaxis], 0.0)
    shift = matrix @ tf.stack([statistics[:, 3] - mean, -mean], 1)
    scaled, matrix = (tf.cast(x, quantized.dtype) for x in (matrix * statistics[:, 2], matrix))
    parts = [tf.cast(scaled @ quantized, tf.float32) + shift[:, :1]]
    return tf.concat([*parts, *(tf.cast(matrix @ part, tf.float32) + shift[:, 1:] for part in ngrams)], -1)


def residual_network(tf: TensorFlow, w: Weights, summed: Tensor, n: Tensor) -> Tensor:
    """Return unit vectors, shape (n, 512), of the features summed over each text and the numbers of pieces, (n, 1)."""
    x = (summed @ w["cnn_W"] + n * w["cnn_b"]) * tf.math.rsqrt(n)
    first = tf.nn.relu(x @ w["d0"])
    second = tf.nn.relu(x @ w["p1"] + first @ w["d1"])
    third = tf.nn.relu(second @ w["d2"])
    out = tf.tanh(second @ w["p3"] + third @ w["d3"])
    return out * tf.math.rsqrt(tf.maximum(tf.reduce_sum(out * out, -1, keepdims=True), w["eps"]))
