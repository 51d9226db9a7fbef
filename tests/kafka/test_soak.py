"""What is promised of a worker that is never without work: its memory does not grow."""

import logging
import statistics
import time

import pytest

from tests.kafka.conftest import LONG
from tests.kafka.workers import Line

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1800 if LONG else 240)]

log = logging.getLogger(__name__)

_WARM_UP_S, _SECONDS = (120, 600) if LONG else (8, 12)
_GROWTH = 0.03 if LONG else 0.10
_BATCH = 1024  # the default
_MIB = 2**20


def resident(line: Line) -> float:
    """Return the memory of the line's worker, in MiB."""
    return line.workers.metric(line.workers.running[0], "process_resident_memory_bytes") / _MIB


def watch(lines: list[Line], seconds: float) -> list[list[float]]:
    """Keep all of the lines' workers busy for as long; return each one's memory, second by second."""
    found: list[list[float]] = [[] for _ in lines]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for line, sizes in zip(lines, found, strict=True):
            line.feed.keep(20_000)
            sizes.append(resident(line))
        time.sleep(1)
    return found


def test_memory_stays_flat(lines: list[Line]) -> None:
    """After its first minutes a worker at full speed needs no more memory, and all that it labelled is there."""
    for line in lines:
        line.feed.add(40_000)
        line.workers.start(_BATCH, transaction_ms=60_000)
    for line in lines:
        line.wait_begun()
    watch(lines, _WARM_UP_S)
    begun = [line.done() for line in lines]
    start = time.monotonic()
    for line, sizes, before in zip(lines, watch(lines, _SECONDS), begun, strict=True):
        third = max(1, len(sizes) // 3)
        early, late = statistics.median(sizes[:third]), statistics.median(sizes[-third:])
        rate = (line.done() - before) / (time.monotonic() - start)
        log.info("%s: %.0f tweets/s, %.1f MiB after the warm-up, %.1f MiB at the end, %.1f at most",
                 line.workers.delivery, rate, early, late, max(sizes))  # fmt: skip
        assert late < early * (1 + _GROWTH)
    for line in lines:
        line.check()
