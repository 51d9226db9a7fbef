"""TensorFlow functions that are to be traced for their shapes before the worker is ready, and never after."""

import threading
from collections.abc import Callable
from typing import Any

from worker.models.tensorflow import tensorflow


class _Retraces:
    """Counts over all functions, those of artefacts that were replaced included."""

    def __init__(self) -> None:
        self.total = 0
        self.lock = threading.Lock()


_retraces = _Retraces()


def retraces() -> int:
    """Return how often TensorFlow has traced a function anew after it was warm: a tweet waited for each."""
    return _retraces.total


class Compiled:
    """A function of tensors that is traced once for each combination of their shapes; safe from any thread."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = tensorflow().function(function, autograph=False)
        self._traces: int | None = None

    def __call__(self, *tensors: Any) -> Any:  # noqa: ANN401 (TensorFlow has no types)
        """Return what the function gives."""
        result = self._function(*tensors)
        if self._traces is not None and self._function.experimental_get_tracing_count() > self._traces:
            self._count(self._traces)
        return result

    def warm(self) -> None:
        """Tell that every shape has been seen: traces count from here on."""
        self._traces = self._function.experimental_get_tracing_count()

    def _count(self, before: int) -> None:
        with _retraces.lock:
            self._traces = max(before, self._traces or 0)
            now = self._function.experimental_get_tracing_count()
            _retraces.total += now - self._traces
            self._traces = now
