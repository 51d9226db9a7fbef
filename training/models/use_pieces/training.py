"""Training of a piece network with Keras."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from worker.models.encoder.packing import Ints
from worker.models.piece_network import Float32s, Tokenizer, Vocabulary
from worker.models.tensorflow import KerasModel, keras
from worker.types import Floats

FEATURES = 64
_ALL_EPOCHS = 12_000  # texts for which there are so many epochs; more texts are shown less often
_EPOCHS, _BATCH, _LEARNING_RATE, _WEIGHT_DECAY = 8, 64, 0.002, 0.1
_INPUT_DROPOUT, _FEATURE_DROPOUT = 0.1, 0.5
_LONGEST = 128  # pieces of a training text; hardly any tweet has more
_STEP = 16  # lengths of batches are multiples of it: few shapes are traced
_SEEN = 3  # texts
_CLIP = 4.0  # of the logarithm of a salience


class TrainedLayers(NamedTuple):
    """The layers of a trained network, for inputs of d numbers a piece and k features."""

    kernel: Float32s
    """Shape (d, k)."""
    bias: Float32s
    """Shape (k,)."""
    direction: Float32s
    """Of the salience's logarithm, shape (d,)."""
    weights: Float32s
    """Of the mean, then of the maximum of each feature, shape (2 k,)."""
    constant: Float32s
    """Shape (1,)."""
    scale: float
    """Factor of the inputs."""

    def of_pieces(self, inputs: Float32s) -> tuple[Float32s, Float32s]:
        """Return the features, shape (n, k), as they are saved, and the salience, shape (n,), of pieces."""
        scaled = inputs * self.scale
        features = np.maximum(scaled @ self.kernel + self.bias, 0)
        rounded = features.astype(np.float16).astype(np.float32)
        return rounded, np.exp(np.clip(scaled @ self.direction, -_CLIP, _CLIP))


def train_piece_network(pieces: Vocabulary, texts: Sequence[str], wanted: Floats, seed: int) -> TrainedLayers:
    """Return the layers trained on texts, shape (n,), and their soft targets from 0 to 1, shape (n,).

    AdamW (Loshchilov and Hutter 2019) with a learning rate that decays to zero along a cosine, and dropout. From 12,000
    to 96,000 texts training takes as long: the more texts there are, the less often each is shown.
    """
    keras().utils.set_random_seed(seed)
    used, rows = _tokenized(pieces, texts)
    inputs = pieces.piece_inputs(used)
    scale = float(1 / max(np.abs(inputs).std(), 1e-6))
    model = _build(np.vstack([np.zeros_like(inputs[:1]), inputs * scale]))
    epochs = epochs_of(len(texts))
    steps = epochs * -(-len(texts) // _BATCH)
    schedule = keras().optimizers.schedules.CosineDecay(_LEARNING_RATE, steps)
    optimizer = keras().optimizers.AdamW(schedule, weight_decay=_WEIGHT_DECAY)
    model.compile(optimizer=optimizer, loss=keras().losses.BinaryCrossentropy(from_logits=True))
    _train(model, rows, wanted.astype(np.float32), epochs, np.random.default_rng(seed))
    return _layers(model, scale)


def pieces_seen(pieces: Vocabulary, texts: Sequence[str]) -> Float32s:
    """Return 1 where at least three of the texts have the piece, else 0, shape (v,): fewer teach nothing of it."""
    ids, splits = pieces.tokenize(texts)
    counts = csr_matrix((np.ones(len(ids)), ids, splits), shape=(len(texts), pieces.vocabulary_size))
    counts.sum_duplicates()  # a piece that a text repeats has one entry
    return np.asarray(counts.getnnz(axis=0) >= _SEEN, dtype=np.float32)


def epochs_of(texts: int) -> int:
    """Return how often each text is shown to the network."""
    return max(1, round(_EPOCHS * min(1, _ALL_EPOCHS / texts)))


def _tokenized(pieces: Tokenizer, texts: Sequence[str]) -> tuple[Ints, Ints]:
    """Return the ids of the pieces used, and each text as a row of indices into them plus 1, padded with 0."""
    ids, splits = pieces.tokenize(texts)
    used, local = np.unique(ids, return_inverse=True)
    rows = np.zeros((len(texts), _LONGEST), dtype=np.int32)
    for row, start, stop in zip(rows, splits[:-1], splits[1:], strict=True):
        part = local[start : min(stop, start + _LONGEST)] + 1
        row[: len(part)] = part
    return used, rows


def _train(model: KerasModel, rows: Ints, wanted: Float32s, epochs: int, draw: np.random.Generator) -> None:
    lengths = np.count_nonzero(rows, axis=1)
    for _ in range(epochs):
        for part, width in _batches(lengths, draw):
            model.train_on_batch(rows[part, :width], wanted[part, np.newaxis])


def _batches(lengths: Ints, draw: np.random.Generator) -> Iterator[tuple[Ints, int]]:
    """Yield the indices and the width of batches of texts of similar length, so that little is padding."""
    by_length = np.argsort(lengths * draw.uniform(0.8, 1.25, len(lengths)), kind="stable")
    for start in draw.permutation(np.arange(0, len(lengths), _BATCH)):
        part = by_length[start : start + _BATCH]
        yield part, max(_STEP, -(-int(lengths[part].max()) // _STEP) * _STEP)


def _build(table: Float32s) -> KerasModel:
    """Return an untrained network on rows of indices into the table, whose first row is padding."""
    k, layers, ops = keras(), keras().layers, keras().ops
    rows = layers.Input((None,), dtype="int32")
    real = ops.expand_dims(ops.cast(ops.not_equal(rows, 0), "float32"), -1)
    pieces = layers.Embedding(*table.shape, weights=[table], trainable=False)(rows)
    pieces = layers.Dropout(_INPUT_DROPOUT, noise_shape=(None, 1, table.shape[1]))(pieces)  # the same for all of a text
    features = layers.Dense(FEATURES, activation="relu", name="features")(pieces) * real
    logarithm = layers.Dense(1, name="salience", kernel_initializer="zeros", use_bias=False)(pieces)
    salience = ops.exp(ops.clip(logarithm, -_CLIP, _CLIP)) * real
    mean = ops.sum(features * salience, 1) / (ops.sum(salience, 1) + 1e-6)
    pooled = ops.concatenate([mean, ops.max(features, 1)], -1)
    pooled = layers.Dropout(_FEATURE_DROPOUT)(pooled)
    return k.Model(rows, layers.Dense(1, name="output")(pooled))


def _layers(model: KerasModel, scale: float) -> TrainedLayers:
    (kernel, bias), (direction,) = (model.get_layer(name).get_weights() for name in ("features", "salience"))
    weights, constant = model.get_layer("output").get_weights()
    return TrainedLayers(kernel, bias, direction[:, 0], weights[:, 0], constant, scale)
