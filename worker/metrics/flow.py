"""What goes through a part of the worker: in, in progress, out, and when anything last did."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge


class Flow:
    """One part's series."""

    def __init__(self, entered: Counter, left: Counter, in_progress: Gauge, progress: Gauge) -> None:
        self._entered, self._left, self._in_progress, self._progress = entered, left, in_progress, progress

    @contextmanager
    def passing(self, items: int) -> Iterator[None]:
        """Count items in; count them out when all went well. What came in and is neither out nor in progress failed."""
        self._entered.inc(items)
        self._in_progress.inc(items)  # two batches may be in the same part
        try:
            yield
        finally:
            self._in_progress.dec(items)
        self.through(items)

    def arrived(self, items: int) -> None:
        """Count items that come in and go out in one, as those of a poll do."""
        self._entered.inc(items)
        self.through(items)

    def through(self, items: int) -> None:
        """Count items out."""
        self._left.inc(items)
        self._progress.set_to_current_time()


class Flows:
    """The series of all parts of one kind.

    Args:
        part: `operation` (of the main loop) or `stage` (of the cascade); also the name of the label.
        items: what goes through.
        registry: where they are registered.

    """

    def __init__(self, part: str, items: str, registry: CollectorRegistry) -> None:
        prefix, labels, what = f"cascade_{part}_{items}", [part], items.capitalize()
        self._in = Counter(f"{prefix}_in", f"{what} that entered the {part}.", labels, registry=registry)
        self._out = Counter(f"{prefix}_out", f"{what} that the {part} completed.", labels, registry=registry)
        self._now = Gauge(f"{prefix}_in_progress", f"{what} that the {part} is processing.", labels, registry=registry)
        last = (f"cascade_{part}_last_progress_timestamp_seconds", f"When the {part} last completed; 0 if never.")
        self._last = Gauge(*last, labels, registry=registry)

    def labels(self, part: str) -> Flow:
        """Return the series of one part; they start at 0."""
        return Flow(self._in.labels(part), self._out.labels(part), self._now.labels(part), self._last.labels(part))
