"""Flow metrics: what enters, is in progress in and leaves an operation or a stage."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge


class Flow:
    """The series of one operation or stage."""

    def __init__(self, entered: Counter, left: Counter, in_progress: Gauge, progress: Gauge) -> None:
        self._entered, self._left, self._in_progress, self._progress = entered, left, in_progress, progress

    @contextmanager
    def passing(self, items: int) -> Iterator[None]:
        """Count items in, and out if all goes well. Items that are neither out nor in progress have failed."""
        self.enter(items)
        try:
            yield
        finally:
            self.leave(items)
        self.count_out(items)

    def enter(self, items: int) -> None:
        """Count items in; they are in progress until `leave`."""
        self.count_in(items)
        self._in_progress.inc(items)  # two batches may be in the same operation

    def leave(self, items: int) -> None:
        """End the progress of items, successful or not."""
        self._in_progress.dec(items)

    def count_in(self, items: int) -> None:
        """Count items in."""
        self._entered.inc(items)

    def count_out(self, items: int) -> None:
        """Count items out."""
        self._left.inc(items)
        self._progress.set_to_current_time()

    def watch(self, in_progress: Callable[[], float]) -> None:
        """Ask this function for the items in progress at each scrape, instead of counting them."""
        self._in_progress.set_function(in_progress)


class Flows:
    """The series of all operations, or of all stages.

    Args:
        part: `operation` or `stage`; the label that names one.
        items: `records` or `tweets`.
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
        """Return the series of one operation or stage; they start at 0."""
        return Flow(self._in.labels(part), self._out.labels(part), self._now.labels(part), self._last.labels(part))
