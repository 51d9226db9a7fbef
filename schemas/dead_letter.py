"""What becomes of a record that cannot be labelled.

A dead letter has the record's own value (bytes, as they were), key and headers, and these headers more. Those
named `__streams.errors.*` follow Kafka Streams' KIP-1034, so that tools for its dead letters show them; the two
that KIP-1034 has no name for begin with `tweet_cascade.errors.`. All header values are UTF-8 text. A record
without a value has an empty one as a dead letter: a null would be a tombstone.
"""

from collections.abc import Iterable
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

Headers = list[tuple[str, bytes]]


class Reason(StrEnum):
    """Why a record could not be labelled; the metrics' `reason` label has the same values."""

    NO_VALUE = "no_value"
    INVALID_UTF8 = "invalid_utf8"
    INVALID_JSON = "invalid_json"
    MISSING_TEXT = "missing_text"
    BLANK_TEXT = "blank_text"
    TEXT_TOO_LONG = "text_too_long"
    INVALID_FIELD = "invalid_field"
    CLASSIFIER_FAILURE = "classifier_failure"


class DeadLetter(BaseModel):
    """The headers that a dead letter has beside the record's own."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    reason: Reason = Field(alias="tweet_cascade.errors.reason", description="Why, for programs.")
    error: str = Field(alias="__streams.errors.message", description="Why, for people.")
    exception: str = Field(alias="__streams.errors.exception", description="Name of the exception's class.")
    topic: str = Field(alias="__streams.errors.topic", description="Topic of the record.")
    partition: int = Field(alias="__streams.errors.partition", description="Partition of the record.")
    offset: int = Field(alias="__streams.errors.offset", description="Offset of the record.")
    timestamp: int = Field(
        alias="tweet_cascade.errors.timestamp",
        description="Timestamp of the record in milliseconds since 1970, -1 where it had none.",
    )

    def headers(self, original: Iterable[tuple[str, bytes | None]] = ()) -> Headers:
        """Return the record's headers followed by these; a replayed record's older ones are replaced."""
        ours = self.model_dump(by_alias=True, mode="json")
        kept = [(name, value or b"") for name, value in original if name not in ours]
        return kept + [(name, str(value).encode()) for name, value in ours.items()]

    @classmethod
    def from_headers(cls, headers: Iterable[tuple[str, bytes]]) -> "DeadLetter":
        """Read the headers of a consumed dead letter.

        Raises:
            pydantic.ValidationError: a header is missing or its value is not of its type.

        """
        return cls.model_validate({name: value.decode(errors="replace") for name, value in headers})
