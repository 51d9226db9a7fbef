"""Throttling of repeated log messages."""

import logging

import pytest

from worker.logs.throttle import FailureStreak, ThrottledWarning, ThrottleFilter

log = logging.getLogger("test")


def test_a_streak_is_logged_at_first_and_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """A night of aborts every five seconds is some lines an hour, which say how long the streak lasts."""
    now = [0.0]
    streak = FailureStreak(log, lambda: now[0])
    for _ in range(25):
        streak.failed("aborted")
        now[0] += 5
    streak.succeeded()
    assert [r.getMessage() for r in caplog.records] == [
        "aborted",
        "aborted (13 consecutive failures, for 60 s)",
        "aborted (25 consecutive failures, for 120 s)",
        "recovered after 25 consecutive failures (125 s)",
    ]


def test_a_single_failure_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """A single failure, such as a rebalance, has no recovery message; the next one is logged again."""
    streak = FailureStreak(log)
    for _ in range(2):
        streak.failed("rebalanced")
        streak.succeeded()
    assert [r.getMessage() for r in caplog.records] == ["rebalanced", "rebalanced"]


def test_a_warning_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """A fault of every message is one line a minute, with how many there were."""
    now = [0.0]
    warning = ThrottledWarning(log, lambda: now[0])
    for n in range(4):
        warning.log(f"bad {n}")
        now[0] += 25
    assert [r.getMessage() for r in caplog.records] == ["bad 0", "bad 3 (and 2 more since the last such line)"]


def line(text: str, *values: object, number: int = 1) -> logging.LogRecord:
    """Return a log record of that line of the code."""
    return logging.LogRecord("kafka.net", logging.WARNING, "selector.py", number, text, values, None)


def test_messages_of_a_kind_pass_once_a_minute() -> None:
    """Messages that differ only in their values are of one kind; the next one has the number of those dropped."""
    now = [0.0]
    throttle = ThrottleFilter(lambda: now[0])
    assert [throttle.filter(line("no node after %d ms", n)) for n in range(100)] == [True] + [False] * 99
    assert throttle.filter(line("something else", number=2))
    now[0] = 60
    last = line("no node after %d ms, 100 %%", 100)
    assert throttle.filter(last)
    now[0] = 120
    again = line("no node after %d ms", 101)
    assert throttle.filter(again)
    assert again.getMessage() == "no node after 101 ms"
    assert last.getMessage() == "no node after 100 ms, 100 % (99 similar messages in the last minute)"


def test_a_text_that_varies_is_of_the_kind_of_its_line() -> None:
    """kafka-python formats some messages itself, with times and addresses: "Task <Task 0x7f> ran for 0.221s"."""
    throttle = ThrottleFilter(lambda: 0.0)
    passed = [throttle.filter(line(f"Task <Task {n:#x}> ran for 0.{n}s, 100 %")) for n in range(5000)]
    assert passed == [True] + [False] * 4999
    assert len(throttle._passed) == 1
