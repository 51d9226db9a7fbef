"""Mastodon's messages and its REST API."""

import json

import pytest

from tests.worker.follow.fakes import status, status_id, update
from tests.worker.follow.servers import rest_server
from worker.follow.mastodon import Mastodon
from worker.follow.post import NotAPostError

STREAM = Mastodon("host.example", None)


def test_a_status_is_published_without_its_envelope() -> None:
    """The stream and the REST API then give the same record."""
    post = STREAM.read(update(3))
    assert post is not None
    assert (post.position, json.loads(post.value), post.languages) == (status_id(3), status(3), ("en",))


@pytest.mark.parametrize("message", ["", "[]", '{"error": "no"}', '{"event": "update", "payload": "{"}'])
def test_garbage_is_noticed(message: str) -> None:
    """It is counted and left out; it does not end the stream."""
    with pytest.raises(NotAPostError):
        STREAM.read(message)


def test_a_server_that_repeats_its_page_does_not_hold_the_stream() -> None:
    """It may know no min_id; a page that brings nothing newer is the last one."""
    fixed = [status(1), status(2)]
    with rest_server("ws://x", lambda: [{**s, "id": s["id"]} for s in fixed], ignores_min_id=True) as url:
        values = list(Mastodon(url, None).missed(status_id(1)))
    assert len(values) == 4


def test_a_status_without_an_id_is_a_cut() -> None:
    """The stream is resumed later, without a traceback."""
    with rest_server("ws://x", lambda: [{"no": "id"}], ignores_min_id=True) as url, pytest.raises(OSError, match="id"):
        list(Mastodon(url, None).missed(5))
