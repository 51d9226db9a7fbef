"""Jetstream's events and addresses."""

import pytest

from tests.worker.follow.fakes import BASE_US, event
from worker.follow.bluesky import OVERLAP_US, Jetstream
from worker.follow.post import NotAPostError

STREAM = Jetstream("host.example", 1000)


def test_a_post_is_published_as_it_came() -> None:
    """The author is the key, so that the posts of one author keep their order."""
    post = STREAM.read(event(3))
    assert post is not None
    assert (post.key, post.position, post.value) == (b"did:plc:3", BASE_US + 3_000_000, event(3).encode())
    assert STREAM.read_value(post.value) == post


DELETED = {"operation": "delete", "collection": "app.bsky.feed.post", "rkey": "k"}


@pytest.mark.parametrize("change", [{"commit": None, "kind": "identity"}, {"commit": DELETED}])
def test_other_events_are_not_posts(change: dict[str, object]) -> None:
    """Jetstream sends identities, accounts and deletions to every subscriber."""
    assert STREAM.read(event(1, change=change)) is None


@pytest.mark.parametrize("message", ["", "{", "[]", "{}", '{"did": 1}', "\ud83d", b"\xff\x00"])
def test_garbage_is_noticed(message: str | bytes) -> None:
    """It is counted and left out; it does not end the stream."""
    with pytest.raises(NotAPostError):
        STREAM.read(message)


def test_a_stream_is_resumed_early() -> None:
    """Jetstream may drop or mix up events around its switch from old to new ones."""
    assert STREAM.url("host.example", None).startswith("wss://host.example/subscribe?wantedCollections=app.bsky.feed")
    assert f"cursor={BASE_US - OVERLAP_US}" in STREAM.url("ws://127.0.0.1:1", BASE_US)
