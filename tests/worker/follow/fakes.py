"""Posts as the streams send them."""

import json
import time
from collections.abc import Mapping

BASE_US = 1_760_000_000_000_000


def event(
    number: int, text: str = "Forest fire", langs: tuple[str, ...] = ("en",), change: Mapping[str, object] | None = None
) -> str:
    """Return Jetstream's event of a post, one second apart."""
    record = {"$type": "app.bsky.feed.post", "text": text, "langs": list(langs)}
    commit = {
        "rev": f"r{number}", "operation": "create", "collection": "app.bsky.feed.post", "rkey": f"k{number}",
        "record": record,
    }  # fmt: skip
    made = {"did": f"did:plc:{number % 7}", "time_us": BASE_US + number * 1_000_000, "kind": "commit", "commit": commit}
    return json.dumps({**made, **(change or {})})


def status_id(number: int) -> int:
    """Return the id of a status, one second apart, near the present."""
    return (int(time.time() // 86_400) * 86_400_000 + number * 1000) << 16


def status(number: int) -> dict[str, object]:
    """Return a Mastodon status."""
    return {"id": str(status_id(number)), "content": f"<p>flood {number}</p>", "spoiler_text": "", "language": "en"}


def update(number: int) -> str:
    """Return the message that a status is new."""
    return json.dumps({"stream": ["public"], "event": "update", "payload": json.dumps(status(number))})
