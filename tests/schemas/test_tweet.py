"""Tweets, as producers send them."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from schemas import MAX_TEXT_CHARS, Tweet
from schemas.export import FOLDER
from tests.helpers import record
from worker.stream.codec import decode
from worker.types import TweetStruct

X_API_V2 = {
    "id": "1212092628029698048",
    "text": "We believe the best future version of our API will come from building it with YOU.",
    "created_at": "2019-12-31T19:26:16.000Z",
    "author_id": "2244994945",
    "lang": "en",
    "edit_history_tweet_ids": ["1212092628029698048"],
    "public_metrics": {"retweet_count": 7, "reply_count": 3, "like_count": 38, "quote_count": 1},
    "entities": {"urls": [{"start": 222, "end": 245, "url": "https://t.co/yvxdK6aOo2"}]},
    "possibly_sensitive": False,
}


def test_a_tweet_object_of_x_is_valid() -> None:
    """Users of X's API can send its objects unchanged."""
    tweet = Tweet.model_validate_json(json.dumps(X_API_V2))
    assert tweet.id == "1212092628029698048"
    assert tweet.created_at == "2019-12-31T19:26:16.000Z"


@pytest.mark.parametrize("id_", [0, -3, 2**63 - 1, "a", "0012"])
def test_ids_keep_type_and_value(id_: int | str) -> None:
    """Consumers join labels to tweets by id: '0012' must not become 12."""
    tweet = Tweet.model_validate_json(json.dumps({"id": id_, "text": "x"}))
    assert (type(tweet.id), tweet.id) == (type(id_), id_)


@pytest.mark.parametrize("id_", [True, 1.0, "", [], "x" * 257, 2**63, 10**300])
def test_other_ids_are_rejected(id_: object) -> None:
    """An id must be usable as a key."""
    with pytest.raises(ValidationError):
        Tweet.model_validate_json(json.dumps({"id": id_, "text": "x"}))


@pytest.mark.parametrize("value", [{"text": "x"}, {"id": None, "text": "x"}])
def test_an_id_may_be_missing(value: dict[str, object]) -> None:
    """The worker takes topic, partition and offset in its place."""
    assert Tweet.model_validate_json(json.dumps(value)).id is None


ids = st.integers() | st.text(max_size=300) | st.floats(0.1, 0.9) | st.none() | st.booleans() | st.lists(st.integers())
texts = st.text(max_size=5) | st.just("x" * (MAX_TEXT_CHARS + 1)) | st.none() | st.integers()
others = st.none() | st.booleans() | st.floats(allow_nan=False) | st.text() | st.lists(st.integers())
UNUSED = sorted(Tweet.model_fields.keys() - {"id", "text"})


@given(st.fixed_dictionaries({}, optional={"id": ids, "text": texts, **dict.fromkeys(UNUSED, others)}))
@example({"text": "no id", "created_at": 1700000000, "location": {"place": 1}})
def test_the_exported_schema_is_as_lenient_as_the_worker(value: dict[str, object]) -> None:
    """A producer that validates with the schema loses no tweet that the worker would label, and sends no other."""
    schema = Draft202012Validator(json.loads((FOLDER / "tweet.schema.json").read_text()))
    assert schema.is_valid(value) == isinstance(decode(record(json.dumps(value).encode())), TweetStruct)


@pytest.mark.parametrize("text", ["", " \n\t\u2003", "x" * (MAX_TEXT_CHARS + 1), None, 3])
def test_blank_and_overlong_texts_are_rejected(text: object) -> None:
    """A text must have content, and a length that bounds the time of its classification."""
    with pytest.raises(ValidationError):
        Tweet.model_validate_json(json.dumps({"id": 1, "text": text}))


@pytest.mark.parametrize("value", [1700000000, None, {"place": 1}, ["a"]])
def test_an_invalid_value_of_an_unused_field_is_dropped(value: object) -> None:
    """A tweet whose created_at is a number is labelled all the same."""
    tweet = Tweet.model_validate_json(json.dumps({"id": 1, "text": "x", "created_at": value, "location": value}))
    assert (tweet.created_at, tweet.location) == (None, None)


@pytest.mark.parametrize("text", ["x" * MAX_TEXT_CHARS, "\u200b", "مرحبا", "🌋", "a\x00b"])
def test_unusual_texts_are_valid(text: str) -> None:
    """Any other text is valid: the longest, invisible, of any script."""
    assert Tweet.model_validate_json(json.dumps({"id": 1, "text": text})).text == text
