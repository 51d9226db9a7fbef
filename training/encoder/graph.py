"""The network of the Universal Sentence Encoder (USE) in TensorFlow, for padded texts and for packed texts.

For every piece (SentencePiece token) of a text, convolutions over 2, 3 and 5 pieces, two layers deep, compute n-gram
features. They are concatenated with the piece's embedding, layer-normalized, summed over the text, and passed through
a residual network. `forward` takes padded texts. `embed` takes packed texts: many texts in one row without padding,
two zero pieces after each text, so that no convolution reaches from one text into the next. Both give the same vectors.
"""

from collections.abc import Sequence

from training.encoder.layers import (
    CONVOLUTIONS,
    ORDERS,
    WIDTH,
    Weights,
    convolution_inputs,
    layer_norm,
    ngram_features,
    piece_embeddings,
    residual_network,
)
from training.encoder.weights import CHUNKS
from worker.models.tensorflow import DType, Tensor, TensorFlow

_FEATURES = 512 + WIDTH * len(ORDERS)


def forward(tf: TensorFlow, w: Weights, ids: Tensor, counts: Tensor) -> Tensor:
    """Return unit vectors, shape (n, 512), of padded texts.

    Args:
        tf: TensorFlow.
        w: the weights.
        ids: piece ids, shape (n, pieces).
        counts: number of pieces of each text, shape (n,); the ids after them are padding.

    """
    mask = tf.sequence_mask(counts, tf.shape(ids)[1], dtype=tf.float32)[:, tf.newaxis, :, tf.newaxis]
    pieces = piece_embeddings(tf, w, ids)
    inputs = [part[:, tf.newaxis] * mask for part in convolution_inputs(tf, w, pieces)]
    features = tf.concat([pieces, *(part[:, 0] for part in ngram_features(tf, kernels(tf, w), inputs, mask))], -1)
    features = layer_norm(tf, features, w["ln_g"], w["ln_b"], w["eps"]) * mask[:, 0]
    return residual_network(tf, w, tf.reduce_sum(features, 1), tf.cast(counts, tf.float32)[:, tf.newaxis])


def prepare(tf: TensorFlow, w: Weights, ids: Tensor) -> list[Tensor]:
    """Return what depends on the piece alone and can be computed once for all pieces.

    Returns:
        The inputs of the convolutions, one tensor for each of the three orders, shape (n, 256), bfloat16; and the
        statistics of the embeddings, shape (n, 4): sum, sum of squares, scale and offset of the quantization.

    """
    pieces = piece_embeddings(tf, w, ids)
    sums = [tf.reduce_sum(pieces, -1), tf.reduce_sum(pieces * pieces, -1)]
    statistics = tf.stack([*sums, *(tf.gather(w[name], ids % CHUNKS) for name in ("scale", "lo"))], -1)
    return [*(tf.cast(part, tf.bfloat16) for part in convolution_inputs(tf, w, pieces)), statistics]


def kernels(tf: TensorFlow, w: Weights, dtype: DType = None) -> list[Tensor]:
    """Return the kernels of the convolutions, then their biases, as floats of the given type (default: float32)."""
    shaped = [tf.reshape(w[f"w{layer}_{order}"], (1, order, WIDTH, WIDTH)) for layer, order in CONVOLUTIONS]
    biases = [w[f"b{layer}_{order}"] for layer, order in CONVOLUTIONS]
    return [tf.cast(x, dtype or tf.float32) for x in [*shaped, *biases]]


def embed(
    tf: TensorFlow, w: Weights, prepared: Sequence[Tensor], convolutions: Sequence[Tensor], packed: Sequence[Tensor]
) -> Tensor:
    """Return unit vectors, shape (n, 512), of packed texts.

    Args:
        tf: TensorFlow.
        w: the weights.
        prepared: what `prepare` returns for all pieces, followed by one row of zeros for the gap.
        convolutions: what `kernels` returns, in the float type to compute in.
        packed: piece ids, shape (pieces,); the index of the text that owns each piece, -1 in a gap, shape (pieces,);
            number of pieces of each text, shape (n,).

    """
    (*tables, statistics), (ids, owners, counts), dtype = prepared, packed, convolutions[0].dtype
    mask = tf.cast(owners >= 0, dtype)[tf.newaxis, tf.newaxis, :, tf.newaxis]
    inputs = [tf.cast(tf.gather(table, ids), dtype)[tf.newaxis, tf.newaxis] for table in tables]
    ngrams = [part[0, 0] for part in ngram_features(tf, convolutions, inputs, mask)]
    quantized = tf.cast(tf.gather(w["table"], tf.minimum(ids, tf.shape(w["table"])[0] - 1)), dtype)
    sums = sum_normalized(tf, w, quantized, ngrams, tf.gather(statistics, ids), owners, tf.shape(counts)[0])
    n = tf.cast(counts, tf.float32)[:, tf.newaxis]
    return residual_network(tf, w, sums * w["ln_g"] + n * w["ln_b"], n)


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
        statistics: of the embeddings, see `prepare`, shape (pieces, 4).
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
