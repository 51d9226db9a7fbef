"""Types of the record formats."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from schemas import Reason

Json = Any
"""A decoded value: JSON's types; of Avro and Protobuf also dates, decimals and bytes."""
JsonObject = Mapping[str, Json]


class Skip(StrEnum):
    """Why a record holds no tweet and is not bad; the metrics' `reason` label has the same values."""

    EVENT = "event"
    NOTICE = "notice"
    KEEP_ALIVE = "keep_alive"
    NO_TEXT = "no_text"


class Found(NamedTuple):
    """What a format finds in a record; nothing is checked yet."""

    id: Json
    """None where the record has none."""
    text: Json
    """None where the record has none."""
    source: Json
    """The value that `--copy-field` reads."""


Shape = Callable[[JsonObject], Found | Skip | None]
"""Finds the tweet in an object; None where the object is not of this shape."""


class BadValueError(ValueError):
    """A value holds no tweet; the message does not repeat what it holds.

    Args:
        reason: for programs.
        message: for people.

    """

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
