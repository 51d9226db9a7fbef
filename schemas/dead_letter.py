"""What becomes of a record that cannot be labelled.

A dead letter has the record's own value (bytes, as they were), key and headers, and these headers more. Those
named `__streams.errors.*` follow Kafka Streams' KIP-1034, so that tools for its dead letters show them; the two
that KIP-1034 has no name for begin with `tweet_cascade.errors.`. All header values are UTF-8 text. A record
without a value has an empty one as a dead letter: a null would be a tombstone.
"""

from enum import StrEnum

from pydantic import Field

from schemas.headers import HeaderModel


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


class DeadLetter(HeaderModel):
    """The headers that a dead letter has beside the record's own."""

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
