"""The log of dead letters."""

import logging

import pytest

from schemas import DeadLetter, Reason
from worker.logs.dead_letters import DeadLetterLog


def letter(reason: Reason, offset: int) -> DeadLetter:
    """Return a dead letter of the topic `tweets`, partition 2."""
    return DeadLetter(
        reason=reason, error="e", exception="E", topic="tweets", partition=2, offset=offset, timestamp=0
    )  # fmt: skip


def test_the_first_of_each_reason_and_then_a_summary_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """33 of 55 records that cannot be labelled are heard of, in few lines that name reason, number and place."""
    now = [0.0]
    heard = DeadLetterLog(logging.getLogger("test"), "dead", lambda: now[0])
    for offset in range(20):
        heard.add([letter(Reason.MISSING_TEXT, offset)])
        heard.summarize()
    heard.add([letter(Reason.INVALID_JSON, 20)])
    now[0] = 61
    heard.summarize()
    heard.summarize()
    heard.add([letter(Reason.INVALID_JSON, 21), letter(Reason.INVALID_JSON, 22)])
    heard.summarize(at_once=True)
    assert [r.getMessage() for r in caplog.records] == [
        "a record cannot be labelled: missing_text (partition 2 of tweets, offset 0); it is in dead",
        "a record cannot be labelled: invalid_json (partition 2 of tweets, offset 20); it is in dead",
        "more records cannot be labelled: missing_text, 19 in 61 s (the last: partition 2 of tweets, offset 19)",
        "a record cannot be labelled: invalid_json (partition 2 of tweets, offset 21); it is in dead",
        "more records cannot be labelled: invalid_json, 1 in 0 s (the last: partition 2 of tweets, offset 22)",
    ]
    assert {r.levelname for r in caplog.records} == {"WARNING"}
