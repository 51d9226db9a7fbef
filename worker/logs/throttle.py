"""Throttling of repeated log messages, for failures that last long."""

import logging
import math
import time
from collections import Counter
from collections.abc import Callable

_PERIOD_S = 60.0


class FailureStreak:
    """Counts consecutive failures; logs the first one, then one per minute with their number and duration.

    Args:
        log: the logger to write to.
        clock: returns monotonic seconds.

    """

    def __init__(self, log: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._clock = clock
        self.count = 0
        self._started = self._logged = 0.0

    def failed(self, cause: object) -> None:
        """Count a failure."""
        now = self._clock()
        self.count += 1
        if self.count == 1:
            self._started = self._logged = now
            self._log.warning("%s", cause)
        elif now - self._logged >= _PERIOD_S:
            self._logged = now
            self._log.warning("%s (%d consecutive failures, for %.0f s)", cause, self.count, now - self._started)

    def succeeded(self) -> None:
        """End the streak; log the recovery if there was more than one failure."""
        if self.count > 1:
            duration = self._clock() - self._started
            self._log.warning("recovered after %d consecutive failures (%.0f s)", self.count, duration)
        self.count = 0


class ThrottledWarning:
    """Logs the first warning at once, then the latest one a minute with the number of those between.

    Args:
        log: the logger to write to.
        clock: returns monotonic seconds.

    """

    def __init__(self, log: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._log, self._clock = log, clock
        self._logged, self._between = -math.inf, 0

    def log(self, message: str) -> None:
        """Log the message, or count it."""
        now = self._clock()
        if now - self._logged < _PERIOD_S:
            self._between += 1
            return
        more = f" (and {self._between} more since the last such line)" if self._between else ""
        self._log.warning("%s%s", message, more)
        self._logged, self._between = now, 0


class ThrottleFilter(logging.Filter):
    """Passes one message of a kind per minute, and adds the number of those it dropped.

    Messages that one line of the code logs are of one kind: their texts may differ in times, addresses and numbers.
    kafka-python logs every attempt while a broker or a topic is away, ten times a second.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._passed: dict[tuple[str, int], float] = {}
        self._dropped: Counter[tuple[str, int]] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record passes; append the number of dropped ones to its message."""
        kind, now = (record.pathname, record.lineno), self._clock()
        if now - self._passed.get(kind, -_PERIOD_S) < _PERIOD_S:
            self._dropped[kind] += 1
            return False
        self._passed[kind] = now
        if dropped := self._dropped.pop(kind, 0):
            record.msg = f"{record.getMessage()} ({dropped} similar messages in the last minute)"
            record.args = ()
        return True
