"""Reader: finds id, text and copied fields in a record, in the format of the settings."""

from collections.abc import Mapping
from typing import Protocol

from schemas import MAX_TEXT_CHARS, Reason
from worker.formats.detection import SHAPES, detect
from worker.formats.json_text import decode_utf8, parse_bytes, replace_surrogates
from worker.formats.paths import Path, copies
from worker.formats.types import BadValueError, Found, Json, Shape, Skip
from worker.types import Record, TweetStruct

_MAGIC_BYTE = 0
_PREFIX = 5  # the magic byte and the schema's id, four bytes
_SCHEMA_HEADER, _GUID = "__value_schema_id", 17  # the magic byte and the schema's GUID
_LONGEST_ID = 256
_EVENT_ID = "ce_id"


class Registry(Protocol):
    """A Schema Registry's side of decoding."""

    def decode(self, name: bytes, payload: bytes) -> Json:
        """Return the value that a record of Confluent's serializers holds.

        Args:
            name: of the schema: a zero and its id in four bytes, or a one and its GUID in 16.
            payload: what follows the schema.

        Raises:
            BadValueError: the registry lacks the schema, or the bytes do not follow it.
            RegistryError: the registry cannot be reached.

        """


class RecordReader:
    """Reads the records of one format.

    Args:
        shape: finds the tweet in an object; None for records that are the text itself.
        copied: expressions of the fields to carry along, by name.
        registry: decodes values in Confluent's wire format; None without one.

    Attributes:
        quick: whether a JSON object with `id` and `text` needs nothing of this.

    """

    def __init__(
        self,
        shape: Shape | None = detect,
        copied: Mapping[str, Path] | None = None,
        registry: Registry | None = None,
    ) -> None:
        self._shape, self._copied, self._registry = shape, copied or {}, registry
        self.quick = shape in {detect, SHAPES["plain"], SHAPES["x-v2"], SHAPES["x-v1"]} and not copied

    def read(self, record: Record) -> TweetStruct | Skip:
        """Return the tweet that the record holds.

        Raises:
            BadValueError: it holds none.
            RegistryError: the registry cannot be reached.

        """
        found = self._find(record)
        if isinstance(found, Skip):
            return found
        text, id_ = _checked_text(found.text), _checked_id(found.id, record)
        return TweetStruct(id_, text, copies(self._copied, found.source) if self._copied else None)

    def _find(self, record: Record) -> Found | Skip:
        value = record.value or b""
        if value and value.isspace():
            return Skip.KEEP_ALIVE
        if self._shape is None:
            return Found(None, decode_utf8(value), {})
        content = self._content(value, record)
        if not isinstance(content, dict):
            raise BadValueError(Reason.INVALID_FIELD, "the JSON value is not an object")
        return self._shape(content) or _NO_TEXT

    def _content(self, value: bytes, record: Record) -> Json:
        if self._registry and (name := _schema_in_headers(record)):
            return self._registry.decode(name, value)
        if not value or value[0] != _MAGIC_BYTE or len(value) <= _PREFIX:
            return parse_bytes(value)
        if self._registry:
            return self._registry.decode(value[:_PREFIX], value[_PREFIX:])
        if value[_PREFIX:].lstrip().startswith(b"{"):
            return parse_bytes(value[_PREFIX:])
        raise BadValueError(
            Reason.INVALID_SCHEMA, "the value needs the schema of a Schema Registry: set --schema-registry-url"
        )


_NO_TEXT = Found(None, None, {})


def _checked_text(text: Json) -> str:
    if text is None:
        raise BadValueError(
            Reason.MISSING_TEXT,
            "no text where --input-format expects it; --text-field names the field of others",
        )
    if not isinstance(text, str):
        raise BadValueError(Reason.INVALID_FIELD, "text: it is not a string")
    if not text.strip():
        raise BadValueError(Reason.BLANK_TEXT, "text: it is empty or only spaces")
    if len(text) > MAX_TEXT_CHARS:
        raise BadValueError(Reason.TEXT_TOO_LONG, f"text: it has more than {MAX_TEXT_CHARS} characters")
    return replace_surrogates(text)


def _checked_id(id_: Json, record: Record) -> int | str:
    if id_ is None:
        return _event_id(record) or f"{record.topic}-{record.partition}-{record.offset}"
    if isinstance(id_, str) and 0 < len(id_) <= _LONGEST_ID:
        return replace_surrogates(id_)
    if isinstance(id_, int) and not isinstance(id_, bool) and -(2**63) <= id_ < 2**63:
        return id_
    raise BadValueError(
        Reason.INVALID_FIELD,
        f"id: neither a whole number of 64 bits nor a string of 1 to {_LONGEST_ID} characters",
    )


def _schema_in_headers(record: Record) -> bytes | None:
    """Return the schema that Confluent's serializers name in a header, if they do."""
    value = next((value for name, value in record.headers if name == _SCHEMA_HEADER and value), b"")
    return value if len(value) in {_PREFIX, _GUID} and value[0] == (len(value) == _GUID) else None


def _event_id(record: Record) -> str | None:
    """Return the id of a binary CloudEvent, which is a header."""
    value = next((value for name, value in record.headers if name == _EVENT_ID and value), b"")
    return value.decode(errors="replace")[:_LONGEST_ID] or None
