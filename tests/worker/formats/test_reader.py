"""The reader: copied fields, and paths of the settings."""

import json

import msgspec
import pytest

from schemas import DeadLetter, Reason
from tests.helpers import record
from worker.errors import SettingError
from worker.formats.assembly import new_reader
from worker.formats.input_settings import InputSettings
from worker.formats.paths import LARGEST_COPY
from worker.stream.codec import decode
from worker.types import TweetStruct


def read(value: object, **settings: object) -> TweetStruct | DeadLetter | object:
    """Decode a value with these settings."""
    return decode(record(json.dumps(value).encode(), offset=5), new_reader(InputSettings(**settings)))  # type: ignore[arg-type]


def test_copied_fields_come_from_where_the_text_is() -> None:
    """They are those of the post, not of its envelope; one that is missing is null."""
    value = {"data": {"id": "1", "text": "x", "lang": "en", "user": {"name": "n\ud83d"}}, "lang": "de"}
    found = read(value, copy_field="lang, author_id,user.name")
    assert found == TweetStruct("1", "x", {"lang": "en", "author_id": None, "user.name": "n\ufffd"})


@pytest.mark.parametrize("field", ["9" * 60, "[" * 900 + "]" * 900, "1e999", '"' + "x" * 20_000 + '"'])
def test_any_copied_field_can_be_encoded(field: str) -> None:
    """Neither a long number nor a deep or a large value stops the worker or costs the label."""
    value = f'{{"id": 1, "text": "x", "f": {field}}}'.encode()
    found = decode(record(value), new_reader(InputSettings(copy_field="f")))
    assert isinstance(found, TweetStruct)
    assert len(msgspec.json.encode(found)) < LARGEST_COPY + 100


def test_without_copied_fields_there_is_no_input() -> None:
    """A field `input` of a record is not taken for the label's."""
    assert read({"id": 1, "text": "x", "input": {"a": 1}}) == TweetStruct(1, "x", None)


def test_paths_read_any_object() -> None:
    """Text and id stand where the paths say; without `--id-field`, the record's place is the id."""
    value = {"payload": {"body": "x", "key": 9}, "text": "not this"}
    assert read(value, text_field="payload.body", id_field="payload.key") == TweetStruct(9, "x")
    assert read(value, text_field="join(' ', [payload.body, text])") == TweetStruct("tweets-0-5", "x not this")


@pytest.mark.parametrize("value", [{"payload": None}, {"payload": {"body": None}}, {"text": "x"}])
def test_a_path_that_finds_nothing_is_a_missing_text(value: object) -> None:
    """The dead letter says so."""
    letter = read(value, text_field="payload.body")
    assert isinstance(letter, DeadLetter)
    assert letter.reason is Reason.MISSING_TEXT


@pytest.mark.parametrize("flag", ["text_field", "copy_field"])
def test_a_path_that_is_not_jmespath_is_a_setting_error(flag: str) -> None:
    """The message names the flag."""
    with pytest.raises(SettingError, match=f"--{flag.replace('_', '-')}: 'a..b' is not"):
        read({}, **{flag: "a..b"})


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"id_field": "a"}, "--id-field needs --text-field"),
        ({"text_field": "a", "input_format": "x-v1"}, "--text-field replaces --input-format"),
        ({"schema_registry_username": "u"}, "needs both"),
        ({"schema_registry_url": "registry:8081"}, "is not a URL"),
        ({"schema_registry_url": "https://u:p@registry"}, "settings of their own"),
    ],
)
def test_settings_that_contradict_each_other(settings: dict[str, str], message: str) -> None:
    """They stop the worker before it joins its group."""
    with pytest.raises(ValueError, match=message):
        InputSettings(**settings)  # type: ignore[arg-type]
