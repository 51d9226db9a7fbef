"""Dead letter: the record written for a record that cannot be labelled.

A dead letter has the bad record's value (bytes, unchanged), key and headers, and the headers of `DeadLetter`. Those
named `__streams.errors.*` follow Kafka Streams' KIP-1034, so that tools for its dead letters show them; the two
that KIP-1034 has no name for begin with `tweet_cascade.errors.`. All header values are UTF-8 text. The dead letter of a
record without a value has an empty value: a null would be a tombstone.
"""

from enum import StrEnum

from pydantic import Field

from schemas.headers import HeaderModel


class Reason(StrEnum):
    """Why a record could not be labelled; the metrics' `reason` label has the same values."""

    NO_VALUE = "no_value"
    EMPTY_VALUE = "empty_value"
    INVALID_UTF8 = "invalid_utf8"
    INVALID_JSON = "invalid_json"
    MISSING_TEXT = "missing_text"
    BLANK_TEXT = "blank_text"
    TEXT_TOO_LONG = "text_too_long"
    INVALID_FIELD = "invalid_field"
    INVALID_SCHEMA = "invalid_schema"
    CLASSIFIER_FAILURE = "classifier_failure"


class DeadLetter(HeaderModel):
    """Headers that a dead letter has in addition to the bad record's own."""

    reason: Reason = Field(alias="tweet_cascade.errors.reason", description="Reason, for programs.")
    error: str = Field(alias="__streams.errors.message", description="Reason, for people.")
    exception: str = Field(alias="__streams.errors.exception", description="Class of the exception.")
    topic: str = Field(alias="__streams.errors.topic", description="Topic of the bad record.")
    partition: int = Field(alias="__streams.errors.partition", description="Partition of the bad record.")
    offset: int = Field(alias="__streams.errors.offset", description="Offset of the bad record.")
    timestamp: int = Field(
        alias="tweet_cascade.errors.timestamp",
        description="Timestamp of the bad record in milliseconds since 1970, -1 if it had none.",
    )
