"""The shapes of other people's records."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import DeadLetter, Reason
from tests.helpers import record
from tests.schemas.test_messages_doc import RECORDS
from worker.formats.detection import SHAPES
from worker.formats.paths import shape_of_paths
from worker.formats.reader import RecordReader
from worker.formats.types import Skip
from worker.stream.codec import decode
from worker.types import TweetStruct

EXPECTED: dict[str, tuple[int | str, str]] = {
    "x-v2": (
        "1212092628029698048",
        "Forest fire near La Ronge, and the road to the north is closed: families are evacuated",
    ),
    "x-v1": (1212092628029698049, "Earthquake destroys the old town, rescuers are looking for survivors"),
    "connect": (1212092628029698050, "Tornado warning for the whole county"),
    "jetstream": (
        "at://did:plc:eygmaihciaxprqvxpfvl6flk/app.bsky.feed.post/3l3qo2vuowo2b",
        "Flood in the valley, two bridges gone",
    ),
    "mastodon": ("103254962155278888", "wildfire\nSmoke & flames over #LaRonge\nstay away"),
    "debezium": (1004, "Gas explosion in a block of flats, people under the rubble"),
    "cloudevents": ("A234-1234-1234", "Train derailed near the station, many injured"),
    "json-in-json": ("8", "Volcano erupts, ash over the city"),
    "text-field": ("k-1", "Explosion at the harbour"),
}
"""Id and text of each example in docs/messages.md."""
POST = json.loads(RECORDS["jetstream"])
STATUS = json.loads(RECORDS["mastodon"])


def decoded(value: object, reader: RecordReader | None = None) -> TweetStruct | DeadLetter | Skip:
    """Decode a value as JSON, of any shape."""
    return decode(record(json.dumps(value).encode(), offset=5), reader or RecordReader())


def reader_of(name: str) -> RecordReader:
    """Return the reader that an example of docs/messages.md needs."""
    if name == "text-field":
        return RecordReader(shape_of_paths("payload.body", "payload.key"))
    return RecordReader()


@pytest.mark.parametrize("name", RECORDS)
def test_an_example_is_read_as_the_page_says(name: str) -> None:
    """Every example has its id and its whole text."""
    assert decode(record(RECORDS[name].encode()), reader_of(name)) == TweetStruct(*EXPECTED[name])


@pytest.mark.parametrize("name", sorted(set(RECORDS) & set(SHAPES)))
def test_a_named_format_reads_its_example_and_no_other(name: str) -> None:
    """`--input-format` rejects what is of another shape."""
    assert decode(record(RECORDS[name].encode()), RecordReader(SHAPES[name])) == TweetStruct(*EXPECTED[name])
    other = decoded({"body": "x", "key": 1}, RecordReader(SHAPES[name]))
    assert isinstance(other, DeadLetter)
    assert other.reason is Reason.MISSING_TEXT


FULL = "the whole text of a long post"
CUT = {"id": 1, "text": "the whole te…"}


@pytest.mark.parametrize(
    "value",
    [
        {**CUT, "note_tweet": {"text": FULL}},
        {**CUT, "extended_tweet": {"full_text": FULL}},
        {**CUT, "full_text": FULL},
        {"id": 1, "full_text": FULL, "truncated": False},
        {**CUT, "retweeted_status": {"id": 2, "text": FULL}},
        {**CUT, "retweeted_status": {"id": 2, "full_text": FULL}},
        {**CUT, "retweeted_status": {**CUT, "extended_tweet": {"full_text": FULL}}},
        {"data": {**CUT, "note_tweet": {"text": FULL}}},
        {
            "data": {**CUT, "referenced_tweets": [{"type": "retweeted", "id": "2"}]},
            "includes": {"tweets": [{"id": "3", "text": "no"}, {"id": "2", "text": FULL}]},
        },
        {"schema": None, "payload": {**CUT, "note_tweet": {"text": FULL}}},
        {"specversion": "1.0", "id": "e", "data": {"data": {**CUT, "note_tweet": {"text": FULL}}}},
    ],
)
def test_a_cut_text_is_not_labelled_where_the_record_holds_the_whole(value: object) -> None:
    """The label is that of the whole text, under the id of the record's own tweet."""
    assert decoded(value) == TweetStruct(1, FULL)


@pytest.mark.parametrize(
    ("value", "skip"),
    [
        ({"delete": {"status": {"id": 1}}}, Skip.NOTICE),
        ({"limit": {"track": 9}}, Skip.NOTICE),
        ({"errors": [{"title": "operational-disconnect"}]}, Skip.NOTICE),
        ({**POST, "kind": "identity", "commit": None}, Skip.EVENT),
        ({**POST, "commit": {**POST["commit"], "collection": "app.bsky.feed.like"}}, Skip.EVENT),
        ({**POST, "commit": {**POST["commit"], "operation": "delete", "record": None}}, Skip.EVENT),
        ({**POST, "commit": {**POST["commit"], "record": {"text": ""}}}, Skip.NO_TEXT),
        ({"event": "delete", "payload": "123"}, Skip.EVENT),
        ({**STATUS, "content": "<p></p>", "spoiler_text": ""}, Skip.NO_TEXT),
    ],
)
def test_what_is_no_post_is_skipped(value: object, skip: Skip) -> None:
    """Notices and events are neither labels nor dead letters."""
    assert decoded(value) is skip


@pytest.mark.parametrize("value", [b"\r\n", b"\n", b" "])
def test_keep_alives_are_skipped(value: bytes) -> None:
    """X's stream sends blank lines."""
    assert decode(record(value)) is Skip.KEEP_ALIVE


@pytest.mark.parametrize(
    "value",
    [
        {"event": "update", "payload": json.dumps(STATUS)},
        {"event": "status.update", "payload": STATUS},
        {**STATUS, "content": "", "reblog": STATUS},
    ],
)
def test_events_and_boosts_of_mastodon(value: object) -> None:
    """An event holds its status as JSON in JSON; a boost has the text of what it boosts."""
    assert decoded(value) == TweetStruct(*EXPECTED["mastodon"])


def test_plain_text_is_named() -> None:
    """A line of text is a tweet only where the settings say so."""
    reader = RecordReader(None)
    assert decode(record(b"fire {", offset=5), reader) == TweetStruct("tweets-0-5", "fire {")
    assert isinstance(decode(record(b"\xff"), reader), DeadLetter)


def test_a_binary_cloud_event_takes_its_headers_id() -> None:
    """The attributes of a binary CloudEvent are headers; the data's own id comes first."""
    headers = [("ce_specversion", b"1.0"), ("ce_id", b"e-1")]
    assert decode(record(b'{"text": "x"}', headers=headers)) == TweetStruct("e-1", "x")
    assert decode(record(b'{"id": 3, "text": "x"}', headers=headers)) == TweetStruct(3, "x")


def test_base64_data_of_a_cloud_event() -> None:
    """Data may be base64 of JSON."""
    event = {"specversion": "1.0", "id": "e", "data_base64": "eyJ0ZXh0IjogImZpcmUifQ=="}
    assert decoded(event) == TweetStruct("e", "fire")
    assert isinstance(decoded({**event, "data_base64": "?"}), DeadLetter)


CHANGE = json.loads(RECORDS["debezium"])


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"op": "r"}, TweetStruct(*EXPECTED["debezium"])),
        ({"op": "u", "before": {"id": 1004, "text": "Gas"}}, TweetStruct(*EXPECTED["debezium"])),
        ({"after": '{"id": 5, "text": "of MongoDB"}'}, TweetStruct(5, "of MongoDB")),
        ({"after": {"Id": 6, "Text": "upper case"}}, TweetStruct(6, "upper case")),
        ({"op": "d", "before": {"id": 1004, "text": "Gas"}, "after": None}, Skip.EVENT),
        ({"op": "t", "after": None}, Skip.EVENT),
    ],
)
def test_changes_of_a_database(change: dict[str, object], found: object) -> None:
    """The row after a change is the tweet; without one the event is skipped. Connect's schema changes neither."""
    assert decoded({**CHANGE, **change}) == found
    assert decoded({"schema": {"type": "struct"}, "payload": {**CHANGE, **change}}) == found


def test_a_row_without_a_text_is_a_dead_letter() -> None:
    """A table of other columns needs --text-field, and the dead letter says so."""
    letter = decoded({**CHANGE, "after": {"id": 1, "body": "x"}})
    assert isinstance(letter, DeadLetter)
    assert (letter.reason, "--text-field" in letter.error) == (Reason.MISSING_TEXT, True)
    reader = RecordReader(shape_of_paths("after.body", "after.id"))
    assert decoded({**CHANGE, "after": {"id": 1, "body": "x"}}, reader) == TweetStruct(1, "x")


def test_a_tombstone_of_connect_has_no_value() -> None:
    """It is a dead letter as any record without a value."""
    letter = decoded({"schema": None, "payload": None})
    assert isinstance(letter, DeadLetter)
    assert letter.reason is Reason.NO_VALUE


def test_json_behind_five_bytes_needs_no_registry() -> None:
    """Confluent's serializer of JSON Schema puts a schema's id before the JSON."""
    assert decode(record(b'\0\0\0\0\7{"id": 1, "text": "x"}')) == TweetStruct(1, "x")


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
FIELDS = """
id text Text data payload schema content spoiler_text reblog did kind commit record collection specversion data_base64
op after source note_tweet extended_tweet retweeted_status full_text event includes tweets referenced_tweets
"""
names = st.sampled_from(FIELDS.split())
objects = st.recursive(leaves, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=4))


@given(objects, st.sampled_from(sorted(SHAPES)))
def test_any_object_is_a_tweet_a_dead_letter_or_skipped(value: object, name: str) -> None:
    """No mixture of the shapes' fields and values is an exception; a tweet has an id and a text."""
    found = decoded(value, RecordReader(SHAPES[name]))
    assert isinstance(found, TweetStruct | DeadLetter | Skip)
    if isinstance(found, TweetStruct):
        assert found.text.strip()
        assert isinstance(found.id, int | str)


@given(st.lists(st.sampled_from(["{", '"', "\\", "[", "1", "x"]), max_size=30))
def test_json_in_json_ends(parts: list[str]) -> None:
    """A string in a string in a string is a dead letter at some depth."""
    text = "".join(parts)
    for _ in range(8):
        text = json.dumps(text)
    assert isinstance(decode(record(text.encode())), DeadLetter)
