"""The circuit breaker: stops the worker before a broken producer or model turns a topic into dead letters. Pure."""

from collections import deque
from collections.abc import Iterable, Sequence
from itertools import groupby, islice

from worker.errors import CircuitBreakerError
from worker.types import BatchResult, Record

WINDOW = 10_000  # records that --max-bad-share is about


class CircuitBreaker:
    """Counts bad records: their share in a window of the last records, and the current run of consecutive ones.

    Args:
        max_share: the largest share allowed once the window is full; 1 for any.
        window: records.
        max_run: the longest run allowed; 0 for any.

    """

    def __init__(self, max_share: float = 1.0, window: int = 1, max_run: int = 0) -> None:
        self.max_share, self.max_run = max_share, max_run
        self._window: deque[bool] = deque(maxlen=window)
        self._size = window
        self._bad = 0  # in the window: summing it for each batch would cost more than labelling a tweet
        self.run = 0

    @property
    def share(self) -> float:
        """Share of bad records in the window, as far as it is filled; 0 while it is empty."""
        return self._bad / len(self._window) if self._window else 0.0

    def check(self, bad: Sequence[bool]) -> None:
        """Check a batch, one flag for each record in order, without counting it: it may be polled again.

        Raises:
            CircuitBreakerError: with this batch, too many records are bad.

        """
        found, records = self._with(bad)
        if records == self._size and found > self.max_share * records:
            raise CircuitBreakerError(
                f"{found} of the last {records} records are bad, more than --max-bad-share {self.max_share:g} "
                f"allows{_ADVICE}"
            )
        if self.max_run and (longest := _longest_run(self.run, bad)) > self.max_run:
            raise CircuitBreakerError(f"{longest} records in a row are bad, --max-bad-run is {self.max_run}{_ADVICE}")

    def count(self, bad: Sequence[bool]) -> None:
        """Count a batch that is published and committed."""
        self._bad, _ = self._with(bad)
        self._window.extend(bad)
        self.run = self.run + len(bad) if all(bad) else list(reversed(bad)).index(False)

    def _with(self, bad: Sequence[bool]) -> tuple[int, int]:
        """Return how many records are bad, of how many, in the window with a batch at its end."""
        last = bad[-self._size :]
        leaving = max(0, len(self._window) + len(last) - self._size)
        return self._bad + sum(last) - sum(islice(self._window, leaving)), len(self._window) + len(last) - leaving


_ADVICE = (
    "; the last batch is neither published nor committed. Look at the dead letters' reasons and at the producers, then "
    "start the worker again: it continues with that batch"
)


def bad_flags(records: Iterable[Record], result: BatchResult) -> list[bool]:
    """Return, for each record in order, whether it became a dead letter."""
    if not result.dead_letters:
        return [False for _ in records]
    bad = {(r.topic, r.partition, r.offset) for r, _ in result.dead_letters}
    return [(r.topic, r.partition, r.offset) in bad for r in records]


def _longest_run(before: int, bad: Iterable[bool]) -> int:
    """Return the longest run of bad records, after `before` of them in a row."""
    flags = [True] * before + list(bad)
    return max((len(list(group)) for flag, group in groupby(flags) if flag), default=0)
