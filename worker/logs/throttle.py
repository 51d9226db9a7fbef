"""Logs that stay readable while something goes wrong for long."""

import logging
import time
from collections import Counter
from collections.abc import Callable

_EVERY_S = 60.0
_MOST_KINDS = 1000


class Streak:
    """Counts failures in a row, and logs the first of them, then one a minute: how many, and for how long.

    Args:
        log: where to.
        clock: seconds that never go back.

    """

    def __init__(self, log: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._clock = clock
        self.count = 0
        self._since = self._told = 0.0

    def failed(self, what: object) -> None:
        """Note one more failure."""
        now = self._clock()
        self.count += 1
        if self.count == 1:
            self._since = self._told = now
            self._log.warning("%s", what)
        elif now - self._told >= _EVERY_S:
            self._told = now
            self._log.warning("%s (%d in a row, for %.0f s)", what, self.count, now - self._since)

    def passed(self) -> None:
        """Note that it has come right; say so where it took more than one attempt."""
        if self.count > 1:
            self._log.warning("it is over: %d failures in a row, for %.0f s", self.count, self._clock() - self._since)
        self.count = 0


class Sparing(logging.Filter):
    """Lets a line pass, and others of its kind only a minute later, with their number.

    kafka-python tells of each attempt while a broker or a topic is away, ten times a second.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._told: dict[tuple[str, str], float] = {}
        self._held: Counter[tuple[str, str]] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the line is to be seen; its text may be added to."""
        kind, now = (record.name, str(record.msg)), self._clock()
        if now - self._told.get(kind, -_EVERY_S) < _EVERY_S:
            self._held[kind] += 1
            return False
        if len(self._told) >= _MOST_KINDS:  # texts that differ each time are not to fill the memory
            self._told.clear()
            self._held.clear()
        self._told[kind] = now
        if held := self._held.pop(kind, 0):
            record.msg = f"{record.getMessage()} ({held} more like it in the last minute or so)"
            record.args = ()
        return True
