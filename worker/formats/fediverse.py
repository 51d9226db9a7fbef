"""Shapes of Bluesky's Jetstream and of Mastodon."""

from worker.formats.html_text import text_of_html
from worker.formats.json_text import parse_json
from worker.formats.types import Found, JsonObject, Skip

_JETSTREAM_KINDS = {"commit", "identity", "account"}
_POSTS = "app.bsky.feed.post"
_STATUS_EVENTS = {"update", "status.update"}


def jetstream(value: JsonObject) -> Found | Skip | None:
    """Find a Jetstream post; its id is its at:// address. Skip other events, and posts of pictures only."""
    if "did" not in value or value.get("kind") not in _JETSTREAM_KINDS:
        return None
    commit = value.get("commit")
    record = commit.get("record") if isinstance(commit, dict) else None
    if not isinstance(commit, dict) or commit.get("collection") != _POSTS or not isinstance(record, dict):
        return Skip.EVENT
    if _is_blank(record.get("text")):
        return Skip.NO_TEXT
    return Found(f"at://{value['did']}/{_POSTS}/{commit.get('rkey')}", record.get("text"), record)


def mastodon(value: JsonObject) -> Found | Skip | None:
    """Find a Mastodon status, alone or in an event of its streaming API; skip other events, and pictures only."""
    if "event" in value and "payload" in value:
        return _event(value)
    if not isinstance(value.get("content"), str) or not value.keys() & {"spoiler_text", "reblog", "account", "uri"}:
        return None
    original = value.get("reblog")
    text = _status_text(original if isinstance(original, dict) else value)
    return Found(value.get("id"), text, value) if text else Skip.NO_TEXT


def _event(value: JsonObject) -> Found | Skip | None:
    if value["event"] not in _STATUS_EVENTS:
        return Skip.EVENT
    payload = value["payload"]
    status = parse_json(payload) if isinstance(payload, str) else payload
    return mastodon(status) if isinstance(status, dict) and "event" not in status else None


def _status_text(status: JsonObject) -> str:
    """Return the content warning and the text."""
    warning, html = status.get("spoiler_text"), status.get("content")
    text = text_of_html(html) if isinstance(html, str) else ""
    return f"{warning}\n{text}".strip() if isinstance(warning, str) else text


def _is_blank(text: object) -> bool:
    return text is None or (isinstance(text, str) and not text.strip())
