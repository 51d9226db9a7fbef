"""Replay of dead letters, on a real broker."""

from collections import Counter
from collections.abc import Callable
from contextlib import closing

import pytest
from kafka import KafkaAdminClient

from schemas import Replay
from tests.helpers import dead_letter_of, record, tweet
from tests.integration.test_commands import flags
from tests.integration.topics import Outputs, produce
from tests.integration.worker_process import WorkerProcess
from worker.__main__ import build_parser
from worker.cli import app
from worker.kafka import KafkaSink, TopicScan, admin, create_topics
from worker.settings import KafkaSettings
from worker.types import Record

pytestmark = pytest.mark.broker


def bury(settings: KafkaSettings, values: list[bytes]) -> None:
    """Publish dead letters, as the worker makes them, to one partition of their topic."""
    bad = [record(value, offset=n, partition=2, topic=settings.input_topic) for n, value in enumerate(values)]
    with closing(KafkaSink(settings)) as sink:
        sink.publish([dead_letter_of(r, settings.dead_letter_topic) for r in bad])


def content(settings: KafkaSettings, topic: str) -> list[Record]:
    """Return the records of a topic."""
    with closing(TopicScan(settings, topic)) as scan:
        return list(scan)


def replay(settings: KafkaSettings, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    """Run `replay`; return its output."""
    assert app.main(build_parser(), ["replay", *flags(settings), *more]) == 0
    return capsys.readouterr().out


def test_dead_letters_are_replayed_once(
    start: Callable[..., WorkerProcess], topics: KafkaSettings, outputs: Outputs, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are counted, then replayed by reason, never twice; records that are bad again are skipped by default."""
    produce(topics, [(b"a", b"{"), (b"b", b"{{"), (b"c", b"\xff")])
    worker = start()
    outputs.wait_for(3)
    assert "3 can be replayed; --yes replays them" in replay(topics, capsys)
    assert "2 replayed\n" in replay(topics, capsys, "--reason", "invalid_json", "--yes")
    outputs.wait_for(5)
    said = replay(topics, capsys, "--yes")
    assert "1 replayed\n" in said
    assert "skipped: 2 replayed before" in said
    assert "skipped: 2 bad again" in said
    outputs.wait_for(6)
    assert "3 replayed\n" in replay(topics, capsys, "--max-replays", "2", "--yes")
    outputs.wait_for(9)
    outputs.read_rest()
    assert worker.terminate()[0] == 0
    assert Counter((r.key, r.value) for r, _ in outputs.dead_letters) == {
        (b"a", b"{"): 3,
        (b"b", b"{{"): 3,
        (b"c", b"\xff"): 3,
    }
    last = [Replay.from_headers((k, v or b"") for k, v in r.headers) for r, _ in outputs.dead_letters[-3:]]
    assert {trace.count for trace in last} == {2}
    firsts = {(letter.partition, letter.offset) for _, letter in outputs.dead_letters[:3]}
    assert {(trace.partition, trace.offset) for trace in last} == firsts


def test_a_limit_takes_the_first(topics: KafkaSettings, capsys: pytest.CaptureFixture[str]) -> None:
    """A careful operator replays a few at a time: the next run continues after them, each on its own partition."""
    bury(topics, [b"%d" % n for n in range(5)])
    assert "2 can be replayed" in replay(topics, capsys, "--max", "2")
    for count in (2, 2, 1, 0):
        assert f"{count} replayed\n" in replay(topics, capsys, "--max", "2", "--yes")
    assert [(r.partition, r.value) for r in content(topics, topics.input_topic)] == [(2, b"%d" % n) for n in range(5)]


def test_dead_letters_can_go_to_another_topic(topics: KafkaSettings, capsys: pytest.CaptureFixture[str]) -> None:
    """A program of the user's repairs them there; their headers trace them to the first record."""
    bury(topics, [tweet(7)[:-1]])
    repair = f"{topics.input_topic}.repair"
    create_topics(topics, [repair], 1, 1)
    assert "1 replayed\n" in replay(topics, capsys, "--to-topic", repair, "--yes")
    [broken] = content(topics, repair)
    assert broken.value == tweet(7)[:-1]
    assert Replay.from_headers(broken.headers).topic == topics.input_topic
    assert content(topics, topics.input_topic) == []
    assert "0 replayed\n" in replay(topics, capsys, "--yes")


def test_a_long_replay_asks_for_its_topics_once(
    topics: KafkaSettings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replay of many transactions connects to ask for its topics as often as one of a single transaction."""
    opened = []

    class Counted(KafkaAdminClient):  # type: ignore[misc]  # kafka-python has no types
        def __init__(self, **config: object) -> None:
            opened.append(self)
            super().__init__(**config)

    monkeypatch.setattr(admin, "KafkaAdminClient", Counted)
    bury(topics, [b"{%d" % n for n in range(1600)])
    replay(topics, capsys, "--yes", "--max", "1")
    once = len(opened)
    assert "1,599 replayed\n" in replay(topics, capsys, "--yes")
    assert len(opened) == 2 * once


def test_a_wrong_target_is_an_error(topics: KafkaSettings, capsys: pytest.CaptureFixture[str]) -> None:
    """The target topic must exist, and must not be that of the dead letters."""
    for topic, message in (("nowhere", "no such topic"), (topics.dead_letter_topic, "where the dead letters are")):
        code = app.main(build_parser(), ["replay", *flags(topics), "--to-topic", topic, "--yes"])
        assert code == 2
        assert message in " ".join(capsys.readouterr().err.split())
