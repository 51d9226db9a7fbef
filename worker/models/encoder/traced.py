"""TensorFlow functions that are traced for every shape while they warm up; later traces are counted."""

import threading
from collections.abc import Callable

from worker.models.tensorflow import Tensor, tensorflow


class _Retraces:
    """Count over all functions, those of replaced artifacts included."""

    def __init__(self) -> None:
        self.total = 0
        self.lock = threading.Lock()


_retraces = _Retraces()


def retraces() -> int:
    """Return how often TensorFlow has traced a function after its warm-up: tweets waited for each."""
    return _retraces.total


class TracedFunction:
    """A function of tensors that TensorFlow traces once for each combination of shapes; safe from any thread."""

    def __init__(self, function: Callable[..., Tensor]) -> None:
        self._function = tensorflow().function(function, autograph=False)
        self._traces: int | None = None

    def __call__(self, *tensors: Tensor | dict[str, Tensor]) -> Tensor:
        """Return the function's result; count new traces if the warm-up has ended."""
        result = self._function(*tensors)
        if self._traces is not None and self._function.experimental_get_tracing_count() > self._traces:
            self._count(self._traces)
        return result

    def end_warm_up(self) -> None:
        """Count every trace from now on: the caller has used every shape."""
        self._traces = self._function.experimental_get_tracing_count()

    def _count(self, before: int) -> None:
        with _retraces.lock:
            self._traces = max(before, self._traces or 0)
            now = self._function.experimental_get_tracing_count()
            _retraces.total += now - self._traces
            self._traces = now
