"""The topic as the state of a followed stream."""

from tests.worker.follow.fakes import BASE_US, event
from worker.follow import resume
from worker.follow.bluesky import Jetstream
from worker.follow.resume import Progress, record_of, restore
from worker.types import Record

STREAM = Jetstream("localhost", 1000)


def record(number: int, cursor: int, source: str = "bluesky") -> Record:
    """Return a post's record as the topic has it."""
    post = STREAM.read(event(number))
    assert post is not None
    made = record_of(post, "tweets", source, cursor)
    return Record("tweets", 0, number, 0, made.key, made.value, made.headers)


def test_the_highest_cursor_and_the_ids_are_restored() -> None:
    """The cursor of a record was acknowledged; its own position may be part of a batch that was not."""
    progress = restore([record(1, BASE_US), record(3, BASE_US + 2), record(2, BASE_US + 1)], STREAM)
    assert progress.cursor == BASE_US + 2
    assert [progress.knows(f"did:plc:{n}/k{n}/r{n}") for n in range(5)] == [False, True, True, True, False]


def test_other_records_of_the_topic_do_not_count() -> None:
    """Another stream's cursor means nothing here, and a producer's record has none."""
    foreign = Record("tweets", 0, 9, 0, None, b'{"id": 1}', [("follow-source", b"bluesky"), ("follow-cursor", b"x")])
    assert restore([record(1, 5, "mastodon:a"), foreign, Record("tweets", 0, 1, 0, None, None)], STREAM).cursor is None


def test_the_oldest_ids_are_forgotten() -> None:
    """Memory stays bounded however long the stream runs."""
    progress = Progress(None, (str(n) for n in range(resume.REMEMBERED + 1)))
    assert (progress.knows("0"), progress.knows("1")) == (False, True)


def test_a_late_post_does_not_move_the_cursor_back() -> None:
    """Mastodon's federated posts arrive out of order."""
    progress = Progress(7)
    progress.advance(5)
    assert progress.cursor == 7
