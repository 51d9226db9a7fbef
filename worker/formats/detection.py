"""Detection of a record's format, for `--input-format auto`, and the formats by name."""

from collections.abc import Mapping

from worker.formats.envelopes import NOTHING, changed_row, cloud_event_data, connect_payload
from worker.formats.fediverse import jetstream, mastodon
from worker.formats.json_text import parse_json
from worker.formats.types import Found, Json, JsonObject, Shape, Skip
from worker.formats.x import plain, x_v1, x_v2

_SHAPES: tuple[Shape, ...] = (jetstream, mastodon, x_v1, x_v2, plain)
_DEEPEST = 4


def detect(value: JsonObject, depth: int = 0) -> Found | Skip | None:
    """Find the tweet in an object of any known shape; open at most four envelopes."""
    if depth == _DEEPEST:
        return None
    found = connect(value, depth) or cloud_event(value, depth) or debezium(value, depth)
    return found or next((found for shape in _SHAPES if (found := shape(value))), None)


def connect(value: JsonObject, depth: int = 0) -> Found | Skip | None:
    """Find the tweet in the payload of Kafka Connect's JSON converter."""
    return _inside(connect_payload(value), depth)


def cloud_event(value: JsonObject, depth: int = 0) -> Found | Skip | None:
    """Find the tweet in a structured CloudEvent; without an id of its own it takes the event's."""
    found = _inside(cloud_event_data(value), depth)
    return found._replace(id=value.get("id")) if isinstance(found, Found) and found.id is None else found


def debezium(value: JsonObject, depth: int = 0) -> Found | Skip | None:
    """Find the tweet in the row after the change that an event of Debezium describes."""
    return _inside(changed_row(value), depth)


def _inside(content: Json, depth: int) -> Found | Skip | None:
    """Find the tweet in an envelope's content; a text that is not JSON is the tweet itself."""
    if content is NOTHING:
        return None
    if isinstance(content, Skip):
        return content
    if isinstance(content, str):
        if not content.lstrip().startswith("{"):
            return Found(None, content, {})
        content = parse_json(content)
    return detect(content, depth + 1) if isinstance(content, dict) else None


SHAPES: Mapping[str, Shape] = {
    "auto": detect,
    "plain": plain,
    "x-v2": x_v2,
    "x-v1": x_v1,
    "connect": connect,
    "jetstream": jetstream,
    "mastodon": mastodon,
    "cloudevents": cloud_event,
    "debezium": debezium,
}
"""The shapes of `--input-format`; `text` has none, it is not an object."""
