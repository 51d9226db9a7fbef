"""Bytes to tweets and back: errors are data here, never exceptions."""

import json
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import CLASSES, MAX_TEXT_CHARS, DeadLetter, Label, Reason, Tweet
from tests.helpers import record, tweet
from worker.stream.codec import decode, encode_dead_letter, encode_label
from worker.types import Verdict

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
near_tweets = st.fixed_dictionaries(
    {}, optional={"id": json_values, "text": json_values, "created_at": json_values, "keyword": json_values}
).map(lambda value: json.dumps(value).encode())


@given(st.binary() | near_tweets | json_values.map(lambda value: json.dumps(value).encode()) | st.none())
def test_any_bytes_are_a_tweet_or_a_dead_letter(value: bytes | None) -> None:
    """No record, whatever is in it, stops the stream."""
    assert isinstance(decode(record(value)), Tweet | DeadLetter)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, Reason.NO_VALUE),
        (b"\xff\xfe", Reason.INVALID_UTF8),
        (b"", Reason.INVALID_JSON),
        (b'{"id": 1, "text": "cut', Reason.INVALID_JSON),
        (b'{"id": 1, "text": "\\ud800"}', Reason.INVALID_JSON),
        (b"[" * 100_000, Reason.INVALID_JSON),
        (b'{"id": 1}', Reason.MISSING_TEXT),
        (b'{"id": 1, "text": "  "}', Reason.BLANK_TEXT),
        (tweet(1, "x" * (MAX_TEXT_CHARS + 1)), Reason.TEXT_TOO_LONG),
        (b'{"id": 1, "text": 5}', Reason.INVALID_FIELD),
        (b'{"text": "x"}', Reason.INVALID_FIELD),
        (b'{"id": 1' + b"0" * 100 + b', "text": "x"}', Reason.INVALID_FIELD),
        (b"[1]", Reason.INVALID_FIELD),
        (b"null", Reason.INVALID_FIELD),
    ],
)
def test_the_reason_is_told(value: bytes | None, reason: Reason) -> None:
    """Whoever looks at the dead letters sees what was wrong, and alerts tell the kinds apart."""
    letter = decode(record(value, offset=5))
    assert isinstance(letter, DeadLetter)
    assert (letter.reason, letter.offset) == (reason, 5)
    assert letter.error


def test_an_error_does_not_repeat_the_tweet() -> None:
    """Headers stay small, and a text does not spread to places that log headers."""
    letter = decode(record(tweet(1, "secret " * 10_000)))
    assert isinstance(letter, DeadLetter)
    assert "secret" not in letter.error


times = st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC))
verdicts = st.builds(
    Verdict,
    id=st.integers(-(2**63), 2**63 - 1) | st.text(min_size=1, max_size=20),
    label=st.sampled_from(CLASSES),
    target=st.sampled_from([0, 1]),
    probability=st.floats(0, 1),
    stage=st.text(min_size=1, max_size=9),
    shed=st.booleans(),
    model_version=st.text(max_size=9),
    received_at=st.none() | times,
    labelled_at=times,
)


@given(verdicts)
def test_what_is_published_is_the_contract(verdict: Verdict) -> None:
    """Labels are written without the contract's own class: each is still one, field by field."""
    published = json.loads(encode_label(record(), verdict, "out").value or b"")
    assert list(published) == list(Label.model_fields)
    read = Label.model_validate(published)
    assert {name: getattr(read, name) for name in Label.model_fields} == msgspec.structs.asdict(verdict)


@given(st.binary() | st.none(), verdicts)
def test_a_label_keeps_the_key_or_takes_the_id(key: bytes | None, verdict: Verdict) -> None:
    """A consumer's partitions and joins go by key; an empty key is one too."""
    message = encode_label(record(key=key), verdict, "out")
    assert message.key == (str(verdict.id).encode() if key is None else key)


@given(st.binary() | st.none(), st.binary() | st.none())
def test_a_dead_letter_keeps_the_bytes(key: bytes | None, value: bytes | None) -> None:
    """Nothing of a bad record is lost: its bytes, key and headers can be replayed."""
    bad = record(value, key=key, headers=[("trace", b"1")])
    letter = DeadLetter(
        reason=Reason.INVALID_JSON, error="e", exception="E", topic="t", partition=0, offset=0, timestamp=0
    )
    message = encode_dead_letter(bad, letter, "dead")
    assert (message.key, message.value) == (key, value or b"")
    assert message.headers[0] == ("trace", b"1")
