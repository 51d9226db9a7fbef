"""Dead letters are put back once, though the replay is killed or another one begins."""

import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing

import pytest
from confluent_kafka import Consumer, TopicPartition

from schemas import topics
from tests.helpers import dead_letter_of, record
from tests.kafka.auditor import _read
from tests.kafka.workers import wait_until
from worker.dead_letters import restore
from worker.errors import FencedError
from worker.kafka import KafkaSink, ReplaySink, create_topics
from worker.settings import KafkaSettings
from worker.types import Message, Record

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]
_COUNT = 20_000


def bad(settings: KafkaSettings, number: int) -> Record:
    """Return a record that is no tweet."""
    return record(b"{%d" % number, offset=number, partition=number % 3, topic=settings.input_topic)


def bury(settings: KafkaSettings) -> None:
    """Fill the dead-letter topic."""
    letters = [dead_letter_of(bad(settings, n), settings.dead_letter_topic) for n in range(_COUNT)]
    with closing(KafkaSink(settings)) as sink:
        for begin in range(0, _COUNT, 5000):
            sink.publish(letters[begin : begin + 5000])


def replay(settings: KafkaSettings) -> "subprocess.Popen[str]":
    """Start a replay as a user does."""
    command = [
        *(sys.executable, "-m", "worker", "replay", "--yes", "--bootstrap-servers", settings.bootstrap_servers),
        *("--input-topic", settings.input_topic, "--dead-letter-topic", settings.dead_letter_topic),
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def written(settings: KafkaSettings) -> int:
    """Return how far the memory of what was put back has come, transactions that are open included."""
    consumer = Consumer({"bootstrap.servers": settings.bootstrap_servers, "group.id": "watcher"})
    with closing(consumer):
        tp = TopicPartition(topics.replayed(settings.dead_letter_topic), 0)
        return int(consumer.get_watermark_offsets(tp, 10)[1])


def wait_written(settings: KafkaSettings, goal: int) -> None:
    """Return when it has come further than this."""
    wait_until(lambda: written(settings) > goal, 60, lambda: "nothing is put back")


def test_a_replay_that_is_killed_puts_nothing_back_twice(settings: KafkaSettings) -> None:
    """SIGKILL in the middle, again and again: the next run goes on, and each dead letter is put back once."""
    bury(settings)
    create_topics(settings, [topics.replayed(settings.dead_letter_topic)], 1, 1)
    randomly = random.Random(4)  # noqa: S311 (moments, no secrets)
    for _ in range(4):
        running = replay(settings)
        wait_written(settings, written(settings) + 1500)
        time.sleep(randomly.uniform(0, 0.05))
        running.kill()
        assert running.wait() < 0, "it was to be killed in the middle"
        running.communicate()
    last = replay(settings)
    said, _ = last.communicate(timeout=120)
    assert last.returncode == 0, said
    back = Counter(value for value, _ in _read(settings.bootstrap_servers, settings.input_topic))
    assert back == Counter(b"{%d" % n for n in range(_COUNT))
    assert f"{_COUNT:,} replayed\n" not in said, "the killed replays did a part"


def test_a_later_replay_fences_the_one_that_runs(settings: KafkaSettings) -> None:
    """Two operators at once: the later one knows all that the first one did, and the first one cannot go on."""
    letter = dead_letter_of(bad(settings, 0), settings.dead_letter_topic)
    consumed = Record(settings.dead_letter_topic, 0, 0, 50, letter.key, letter.value, letter.headers)
    message: Message = restore(consumed)
    with closing(ReplaySink(settings)) as first:
        first.publish([message])
        with closing(ReplaySink(settings)) as second:
            with pytest.raises(FencedError, match="a later replay"):
                first.publish([message])
            second.publish([message])
    assert len(_read(settings.bootstrap_servers, settings.input_topic)) == 2
