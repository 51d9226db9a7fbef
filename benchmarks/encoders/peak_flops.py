"""Peak floating-point operations a second, measured by products of large matrices; and those of a text in USE."""

import statistics
import time
from collections.abc import Callable

from worker.models.tensorflow import Tensor, TensorFlow, tensorflow

_SIDE = 2048
_FLOP_PER_PIECE = 2 * (512 * 768 + 2 * 10 * 256 * 256)
"""Of USE: a projection, and two convolutions over 2, 3 and 5 pieces, to 256 features each."""
_FLOP_PER_TEXT = 2 * (1280 * 512 + 512 * 320 + 320 * 320 + 512 * 320 + 320 * 512 + 320 * 512 + 512 * 512)


def peak_flops() -> dict[str, float]:
    """Return the peak floating-point operations a second by type; without hardware for bfloat16 it is emulated."""
    tf = tensorflow()
    return {dtype.name: _peak(tf, dtype) for dtype in (tf.float32, tf.bfloat16)}


def _peak(tf: TensorFlow, dtype: Tensor) -> float:
    matrix = tf.cast(tf.random.normal((_SIDE, _SIDE)), dtype)
    product = tf.function(lambda: tf.reduce_max(tf.matmul(matrix, matrix)))
    product()
    return 2 * _SIDE**3 / statistics.median(_seconds(product) for _ in range(5))


def _seconds(product: Callable[[], Tensor]) -> float:
    start = time.perf_counter()
    product().numpy()
    return time.perf_counter() - start


def use_flop(pieces: float) -> float:
    """Return the floating-point operations of USE, as published, for a text of this many pieces."""
    return pieces * _FLOP_PER_PIECE + _FLOP_PER_TEXT
