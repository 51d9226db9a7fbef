"""Logs while something goes wrong for long."""

import logging

import pytest

from worker.cli import app
from worker.logs.throttle import Sparing, Streak

log = logging.getLogger("test")


def test_a_row_of_failures_is_told_at_first_and_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """A night of aborts every five seconds is some lines an hour, which say how long it has been so."""
    now = [0.0]
    streak = Streak(log, lambda: now[0])
    for _ in range(25):
        streak.failed("aborted")
        now[0] += 5
    streak.passed()
    assert [r.getMessage() for r in caplog.records] == [
        "aborted",
        "aborted (13 in a row, for 60 s)",
        "aborted (25 in a row, for 120 s)",
        "it is over: 25 failures in a row, for 125 s",
    ]


def test_a_single_failure_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """A rebalance now and then is nothing to make much of; the next one is told anew."""
    streak = Streak(log)
    for _ in range(2):
        streak.failed("rebalanced")
        streak.passed()
    assert [r.getMessage() for r in caplog.records] == ["rebalanced", "rebalanced"]


def line(text: str, *values: object, name: str = "kafka.net") -> logging.LogRecord:
    """Return a line of a log."""
    return logging.LogRecord(name, logging.WARNING, "", 0, text, values, None)


def test_lines_of_a_kind_are_told_once_a_minute() -> None:
    """What differs only in its figures is of one kind; how many were held back is said."""
    now = [0.0]
    sparing = Sparing(lambda: now[0])
    assert [sparing.filter(line("no node after %d ms", n)) for n in range(100)] == [True] + [False] * 99
    assert sparing.filter(line("something else"))
    now[0] = 60
    last = line("no node after %d ms, 100 %%", 100)
    assert sparing.filter(last)
    again = line("no node after %d ms", 101)
    assert sparing.filter(again)
    assert again.getMessage() == "no node after 101 ms (99 more like it in the last minute or so)"
    assert last.getMessage() == "no node after 100 ms, 100 %"


def test_texts_that_always_differ_do_not_fill_the_memory() -> None:
    """A filter that runs for months forgets."""
    sparing = Sparing(lambda: 0.0)
    assert all(sparing.filter(line(f"attempt {n}")) for n in range(5000))
    assert len(sparing._told) <= 1000


def test_only_the_clients_lines_are_spared(capsys: pytest.CaptureFixture[str]) -> None:
    """The worker's own lines are all there, and all of them when debugging."""
    root, level = logging.getLogger(), logging.getLogger("kafka").level
    before, root.handlers = root.handlers, []
    try:
        for setting, seen in (("info", 1), ("debug", 3)):
            app.configure_logging(setting, "text")
            for _ in range(3):
                logging.getLogger("kafka.net").warning("lost")
                logging.getLogger("worker.stream.processor").warning("aborted")
            err = capsys.readouterr().err
            assert (err.count("lost"), err.count("aborted")) == (seen, 3)
            root.handlers = []
    finally:
        root.handlers = before
        logging.getLogger("kafka").setLevel(level)
