"""Codec: decodes records into tweets, encodes labels and dead letters. Pure but for a Schema Registry."""

from typing import Annotated, Any

import msgspec

from schemas import MAX_TEXT_CHARS, DeadLetter, Reason
from worker.formats.reader import RecordReader
from worker.formats.types import BadValueError, Skip
from worker.types import LabelStruct, Message, Record, TweetStruct

_to_json = msgspec.json.Encoder().encode
_LONGEST_MESSAGE = 1_000  # TensorFlow writes pages; headers stay small
_DEFAULT = RecordReader()
_NO_VALUE = Reason.NO_VALUE, ValueError("the record has no value")
_EMPTY = Reason.EMPTY_VALUE, ValueError("the record's value is empty, 0 bytes")


class _QuickTweet(msgspec.Struct, gc=False):
    """A tweet with `id` and `text`, and the fields that hold the whole text where `text` is cut."""

    id: (
        Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
        | Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    )
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TEXT_CHARS)]
    full_text: Any = None
    note_tweet: Any = None
    extended_tweet: Any = None
    retweeted_status: Any = None


_quick = msgspec.json.Decoder(_QuickTweet).decode


def decode(record: Record, reader: RecordReader = _DEFAULT) -> TweetStruct | DeadLetter | Skip:
    """Decode a record into a tweet, whatever its bytes: else into a dead letter, or why it is skipped.

    A JSON object with `id` and `text` is decoded the quick way; all else goes through the formats.

    Raises:
        RegistryError: the Schema Registry does not answer.

    """
    if not record.value:
        return dead_letter(record, *(_NO_VALUE if record.value is None else _EMPTY))
    return (reader.quick and _decode_quickly(record.value)) or _decode_fully(record, reader)


def _decode_quickly(value: bytes) -> TweetStruct | None:
    """Return the tweet of an object with `id` and `text`; None where the formats must look further."""
    try:
        tweet = _quick(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    cut = tweet.note_tweet or tweet.extended_tweet or tweet.retweeted_status or tweet.full_text
    return None if cut or tweet.text.isspace() else TweetStruct(tweet.id, tweet.text)


def _decode_fully(record: Record, reader: RecordReader) -> TweetStruct | DeadLetter | Skip:
    try:
        return reader.read(record)
    except BadValueError as error:
        return dead_letter(record, error.reason, error)


def dead_letter(record: Record, reason: Reason, error: Exception) -> DeadLetter:
    """Return a dead letter that gives the reason; it does not repeat the text of the tweet."""
    return DeadLetter(
        reason=reason,
        error=str(error)[:_LONGEST_MESSAGE],
        exception=type(error).__name__,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp=record.timestamp,
    )


def encode_label(record: Record, label: LabelStruct, topic: str) -> Message:
    """Encode a label; its key is the record's, or the id of the tweet where the record has none."""
    key = str(label.id).encode() if record.key is None else record.key
    return Message(topic, key, _to_json(label), origin=record)


def encode_dead_letter(record: Record, letter: DeadLetter, topic: str) -> Message:
    """Encode a dead letter: the record's own bytes, key and headers, plus headers that give the reason."""
    return Message(topic, record.key, record.value or b"", letter.headers(record.headers), origin=record)
