"""The network in TensorFlow, part by part."""

import numpy as np

from worker.models.encoder.tensorflow_layers import ORDERS, WIDTH, sum_normalized
from worker.models.tensorflow import tensorflow


def test_normalized_features_are_summed_over_each_text() -> None:
    """The matrix product gives what normalizing each piece and adding up the pieces of each text gives."""
    tf, random = tensorflow(), np.random.default_rng(1)
    owners, eps = np.array([0, 0, 0, -1, -1, 1, 2, 2]), 1e-6
    quantized = random.integers(-120, 120, (len(owners), 512)).astype(np.float32)
    scale, lo = (random.uniform(0.5, 1.5, len(owners)).astype(np.float32) for _ in range(2))
    ngrams = [random.normal(size=(len(owners), WIDTH)).astype(np.float32) * 50 for _ in ORDERS]
    embeddings = quantized * scale[:, np.newaxis] + lo[:, np.newaxis]
    statistics = np.stack([embeddings.sum(1), (embeddings**2).sum(1), scale, lo], 1)

    features = np.concatenate([embeddings, *ngrams], 1)
    normalized = (features - features.mean(1, keepdims=True)) / np.sqrt(features.var(1, keepdims=True) + eps)
    expected = np.stack([normalized[owners == text].sum(0) for text in range(3)])

    tensors = [tf.constant(x) for x in (quantized, *ngrams, statistics)]
    found = sum_normalized(tf, {"eps": eps}, tensors[0], tensors[1:-1], tensors[-1], tf.constant(owners, tf.int32), 3)
    np.testing.assert_allclose(found, expected, atol=1e-3)
