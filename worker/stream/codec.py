"""Codec: decodes records into tweets, encodes labels and dead letters. Pure."""

import msgspec
from pydantic import ValidationError

from schemas import DeadLetter, Reason, Tweet
from worker.types import LabelStruct, Message, Record

_to_json = msgspec.json.Encoder().encode
_LONGEST_MESSAGE = 1_000  # TensorFlow writes pages; headers stay small
_REASONS: dict[tuple[str, tuple[int | str, ...]], Reason] = {
    ("json_invalid", ()): Reason.INVALID_JSON,
    ("missing", ("text",)): Reason.MISSING_TEXT,
    ("string_pattern_mismatch", ("text",)): Reason.BLANK_TEXT,
    ("string_too_long", ("text",)): Reason.TEXT_TOO_LONG,
}


def decode(record: Record) -> Tweet | DeadLetter:
    """Decode a record into a tweet, or into a dead letter where it holds none, whatever its bytes."""
    if record.value is None:
        return dead_letter(record, Reason.NO_VALUE, ValueError("the record has no value"))
    try:
        return Tweet.model_validate_json(record.value.decode())
    except UnicodeDecodeError as error:
        return dead_letter(record, Reason.INVALID_UTF8, error)
    except ValidationError as error:
        return dead_letter(record, _reason(error), error)


def _reason(error: ValidationError) -> Reason:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return _REASONS.get((first["type"], first["loc"]), Reason.INVALID_FIELD)


def dead_letter(record: Record, reason: Reason, error: Exception) -> DeadLetter:
    """Return a dead letter that gives the reason; it does not repeat the text of the tweet."""
    return DeadLetter(
        reason=reason,
        error=_message(error),
        exception=type(error).__name__,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp=record.timestamp,
    )


def _message(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)[:_LONGEST_MESSAGE]
    details = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, d['loc'])) or 'value'}: {d['msg']}" for d in details)


def encode_label(record: Record, label: LabelStruct, topic: str) -> Message:
    """Encode a label; its key is the record's, or the id of the tweet where the record has none."""
    key = str(label.id).encode() if record.key is None else record.key
    return Message(topic, key, _to_json(label), origin=record)


def encode_dead_letter(record: Record, letter: DeadLetter, topic: str) -> Message:
    """Encode a dead letter: the record's own bytes, key and headers, plus headers that give the reason."""
    return Message(topic, record.key, record.value or b"", letter.headers(record.headers), origin=record)
