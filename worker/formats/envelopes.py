"""Envelopes around a tweet: Kafka Connect's JSON converter, CloudEvents and Debezium's change events."""

import base64
import binascii

from schemas import Reason
from worker.formats.json_text import decode_utf8, parse_json
from worker.formats.types import BadValueError, Json, JsonObject, Skip

NOTHING = object()
"""Stands for a value that is not in this envelope."""
_OPERATIONS = ("c", "r", "u", "d", "t", "m")  # create, read of a snapshot, update, delete, truncate, message


def connect_payload(value: JsonObject) -> Json:
    """Return the payload of Kafka Connect's JSON converter; `NOTHING` where the object is not one.

    Raises:
        BadValueError: the payload is null, as Connect writes a tombstone.

    """
    if value.keys() != {"schema", "payload"}:
        return NOTHING
    if value["payload"] is None:
        raise BadValueError(Reason.NO_VALUE, "the payload is null")
    return value["payload"]


def cloud_event_data(value: JsonObject) -> Json:
    """Return the data of a structured CloudEvent; `NOTHING` where the object is not one.

    Raises:
        BadValueError: `data_base64` is not base64, or what it holds is not JSON.

    """
    if "specversion" not in value or not value.keys() & {"data", "data_base64"}:
        return NOTHING
    if "data" in value:
        return value["data"]
    try:
        return parse_json(decode_utf8(base64.b64decode(str(value["data_base64"]), validate=True)))
    except binascii.Error as error:
        raise BadValueError(Reason.INVALID_FIELD, f"data_base64: {error}") from None


def changed_row(value: JsonObject) -> Json:
    """Return the row after the change of a Debezium event; `NOTHING` where the object is not one.

    Events without a row after the change are skipped: of deletions, of truncated tables, and messages.
    """
    if not value.keys() >= {"op", "source"} or value["op"] not in _OPERATIONS:
        return NOTHING
    return Skip.EVENT if value.get("after") is None else value["after"]
