"""Log of dead letters: the first of each reason at once, then a summary a minute."""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from schemas import DeadLetter, Reason

_PERIOD_S = 60.0


@dataclass
class _Tally:
    """Dead letters of one reason since its last line of the log."""

    logged: float
    count: int = 0
    last: DeadLetter | None = None


class DeadLetterLog:
    """Warns of dead letters; the lines hold no text of a record.

    Args:
        log: the logger to write to.
        topic: of the dead letters.
        clock: returns monotonic seconds.

    """

    def __init__(self, log: logging.Logger, topic: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._log, self._topic, self._clock = log, topic, clock
        self._tallies: dict[Reason, _Tally] = {}

    def add(self, letters: Iterable[DeadLetter]) -> None:
        """Count published dead letters; log the first of a reason that was silent for a minute."""
        for letter in letters:
            tally = self._tallies.get(letter.reason)
            if tally is None or (not tally.count and self._clock() - tally.logged >= _PERIOD_S):
                self._tallies[letter.reason] = _Tally(self._clock())
                self._first(letter)
            else:
                tally.count, tally.last = tally.count + 1, letter

    def summarize(self, *, at_once: bool = False) -> None:
        """Log the number of each reason whose last line is a minute old, or of all that are not logged yet."""
        now = self._clock()
        for reason, tally in self._tallies.items():
            if tally.last and (at_once or now - tally.logged >= _PERIOD_S):
                self._more(tally.count, now - tally.logged, tally.last)
                self._tallies[reason] = _Tally(now)

    def _first(self, letter: DeadLetter) -> None:
        self._log.warning(
            "a record cannot be labelled: %s (partition %d of %s, offset %d); it is in %s",
            letter.reason, letter.partition, letter.topic, letter.offset, self._topic,
        )  # fmt: skip

    def _more(self, count: int, seconds: float, last: DeadLetter) -> None:
        self._log.warning(
            "more records cannot be labelled: %s, %d in %.0f s (the last: partition %d of %s, offset %d)",
            last.reason, count, seconds, last.partition, last.topic, last.offset,
        )  # fmt: skip
