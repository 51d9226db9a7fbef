"""What the machine can do at best: products of large matrices."""

import statistics
import time
from typing import Any

from worker.models.compute_dtype import compute_dtype
from worker.models.tensorflow import tensorflow

_SIDE = 2048
_FLOP_PER_PIECE = 2 * (512 * 768 + 2 * 10 * 256 * 256)
"""Of USE: a projection, and two convolutions over 2, 3 and 5 pieces, to 256 features each."""
_FLOP_PER_TEXT = 2 * (1280 * 512 + 512 * 320 + 320 * 320 + 512 * 320 + 320 * 512 + 320 * 512 + 512 * 512)


def measured_peaks() -> dict[str, float]:
    """Return floating-point operations a second, by type; bfloat16 only where the machine has it."""
    tf = tensorflow()
    return {dtype.name: _peak(tf, dtype) for dtype in dict.fromkeys([tf.float32, compute_dtype(tf)])}


def _peak(tf: Any, dtype: Any) -> float:  # noqa: ANN401 (TensorFlow has no types)
    matrix = tf.cast(tf.random.normal((_SIDE, _SIDE)), dtype)
    product = tf.function(lambda: tf.reduce_max(tf.matmul(matrix, matrix)))
    product()
    return 2 * _SIDE**3 / statistics.median(_timed(product) for _ in range(7))


def _timed(product: Any) -> float:  # noqa: ANN401
    start = time.perf_counter()
    product().numpy()
    return time.perf_counter() - start


def flop(pieces: float) -> float:
    """Return the network's floating-point operations for a text of these many pieces, as it is published."""
    return pieces * _FLOP_PER_PIECE + _FLOP_PER_TEXT
