"""The codec: bad bytes become dead letters, never exceptions."""

import json
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import CLASSES, MAX_TEXT_CHARS, DeadLetter, Label, Reason
from tests.helpers import record, tweet
from worker.formats.types import Skip
from worker.stream.codec import decode, encode_dead_letter, encode_label
from worker.types import LabelStruct, TweetStruct

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
    """Any bytes decode into a tweet or a dead letter, or are a blank line, which is skipped."""
    found = decode(record(value))
    assert isinstance(found, TweetStruct | DeadLetter) or (found is Skip.KEEP_ALIVE and value and value.isspace())


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, Reason.NO_VALUE),
        (b"\xff\xfe", Reason.INVALID_UTF8),
        (b"", Reason.EMPTY_VALUE),
        (b'{"id": 1, "text": "cut', Reason.INVALID_JSON),
        (b"[" * 100_000, Reason.INVALID_JSON),
        (b'{"id": 1}', Reason.MISSING_TEXT),
        (b'{"id": 1, "text": "  "}', Reason.BLANK_TEXT),
        (tweet(1, "x" * (MAX_TEXT_CHARS + 1)), Reason.TEXT_TOO_LONG),
        (b'{"id": 1, "text": 5}', Reason.INVALID_FIELD),
        (b'{"id": 1, "other": "x"}', Reason.MISSING_TEXT),
        (b'{"body": "x"}', Reason.MISSING_TEXT),
        (b'{"id": 1.0, "text": "x"}', Reason.INVALID_FIELD),
        (b'{"id": true, "text": "x"}', Reason.INVALID_FIELD),
        (b'{"id": "", "text": "x"}', Reason.INVALID_FIELD),
        (b"\0\0\0\0\1\x0etweet", Reason.INVALID_SCHEMA),
        (b'{"id": 1' + b"0" * 100 + b', "text": "x"}', Reason.INVALID_FIELD),
        (b"[1]", Reason.INVALID_FIELD),
        (b"null", Reason.INVALID_FIELD),
    ],
)
def test_a_dead_letter_gives_the_reason(value: bytes | None, reason: Reason) -> None:
    """A dead letter gives the reason of its kind and the offset of its record."""
    letter = decode(record(value, offset=5))
    assert isinstance(letter, DeadLetter)
    assert (letter.reason, letter.offset) == (reason, 5)
    assert letter.error


@pytest.mark.parametrize(
    ("value", "id_", "text"),
    [
        (rb'{"id": 1, "text": "cut \ud83d"}', 1, "cut \ufffd"),
        (rb'{"id": 1, "text": "x", "name": "x \ud83d"}', 1, "x"),
        (rb'{"id": 1, "text": "x", "note_tweet": null, "name": {"\udc00": 1}}', 1, "x"),
        (b'{"id": 1, "text": "cut \xed\xa0\xbd"}', 1, "cut \ufffd"),
        (rb'{"id": 1, "text": "\ud83d\ude00"}', 1, "\U0001f600"),
        (b'\xef\xbb\xbf{"id": 1, "text": "x"}', 1, "x"),
        (b'{"id": 1, "text": "x", "n": ' + b"9" * 5000 + b"}", 1, "x"),
    ],
)
def test_what_is_not_needed_is_not_refused(value: bytes, id_: int, text: str) -> None:
    """A lone surrogate anywhere, a byte order mark or a long number does not cost the label."""
    assert decode(record(value)) == TweetStruct(id_, text)


@pytest.mark.parametrize("value", [b'{"text": "x"}', b'{"id": null, "text": "x"}'])
def test_a_record_without_an_id_takes_its_place_as_one(value: bytes) -> None:
    """The id names the record's topic, partition and offset."""
    assert decode(record(value, offset=5)) == TweetStruct("tweets-0-5", "x")


def test_an_error_does_not_repeat_the_tweet() -> None:
    """A dead letter's error message does not contain the text of the tweet."""
    letter = decode(record(tweet(1, "secret " * 10_000)))
    assert isinstance(letter, DeadLetter)
    assert "secret" not in letter.error


times = st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC))
labels = st.builds(
    LabelStruct,
    id=st.integers(-(2**63), 2**63 - 1) | st.text(min_size=1, max_size=20),
    label=st.sampled_from(CLASSES),
    target=st.sampled_from([0, 1]),
    probability=st.floats(0, 1),
    stage=st.text(min_size=1, max_size=9),
    shed=st.booleans(),
    model_version=st.text(max_size=9),
    received_at=st.none() | times,
    labelled_at=times,
    input=st.just(msgspec.UNSET) | st.dictionaries(st.text(), st.none() | st.text() | st.integers(-9, 9), max_size=3),
)


@given(labels)
def test_an_encoded_label_is_valid_by_the_contract(label: LabelStruct) -> None:
    """A label encoded by msgspec is valid by the contract's own class, field by field."""
    published = json.loads(encode_label(record(), label, "out").value or b"")
    unset = {"input"} if label.input is msgspec.UNSET else set()
    assert list(published) == [name for name in Label.model_fields if name not in unset]
    read = Label.model_validate(published)
    expected = {name: value for name, value in msgspec.structs.asdict(label).items() if name not in unset}
    assert {name: getattr(read, name) for name in Label.model_fields if name not in unset} == expected


@given(st.binary() | st.none(), labels)
def test_a_label_keeps_the_key_or_takes_the_id(key: bytes | None, label: LabelStruct) -> None:
    """A label has its record's key, even an empty one, or the tweet's id where there is none."""
    message = encode_label(record(key=key), label, "out")
    assert message.key == (str(label.id).encode() if key is None else key)


@given(st.binary() | st.none(), st.binary() | st.none())
def test_a_dead_letter_keeps_the_bytes(key: bytes | None, value: bytes | None) -> None:
    """A dead letter keeps the bytes, key and headers of its record, so that it can be replayed."""
    bad = record(value, key=key, headers=[("trace", b"1")])
    letter = DeadLetter(
        reason=Reason.INVALID_JSON, error="e", exception="E", topic="t", partition=0, offset=0, timestamp=0
    )
    message = encode_dead_letter(bad, letter, "dead")
    assert (message.key, message.value) == (key, value or b"")
    assert message.headers[0] == ("trace", b"1")
