"""Replays that are killed, or that run at the same time."""

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
from tests.kafka.support.auditor import read_topic
from tests.kafka.support.waiting import wait_until
from worker.dead_letters import restore
from worker.errors import FencedError
from worker.kafka import KafkaSink, ReplaySink, create_topics
from worker.settings import KafkaSettings
from worker.types import Message, Record

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]
_COUNT = 20_000


def bad(settings: KafkaSettings, number: int) -> Record:
    """Return a record that is not a tweet."""
    return record(b"{%d" % number, offset=number, partition=number % 3, topic=settings.input_topic)


def fill_dead_letters(settings: KafkaSettings) -> None:
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
    """Return the end offset of the topic of replayed dead letters, open transactions included."""
    consumer = Consumer({"bootstrap.servers": settings.bootstrap_servers, "group.id": "watcher"})
    with closing(consumer):
        tp = TopicPartition(topics.replayed(settings.dead_letter_topic), 0)
        return int(consumer.get_watermark_offsets(tp, 10)[1])


def wait_written(settings: KafkaSettings, goal: int) -> None:
    """Wait until the end offset exceeds the goal."""
    wait_until(lambda: written(settings) > goal, 60, lambda: "nothing is replayed")


def test_a_killed_replay_replays_nothing_twice(settings: KafkaSettings) -> None:
    """After replays killed with SIGKILL the next one continues, and each dead letter is replayed once."""
    fill_dead_letters(settings)
    create_topics(settings, [topics.replayed(settings.dead_letter_topic)], 1, 1)
    randomly = random.Random(4)  # noqa: S311 (moments, no secrets)
    for _ in range(4):
        running = replay(settings)
        wait_written(settings, written(settings) + 1500)
        time.sleep(randomly.uniform(0, 0.05))
        running.kill()
        assert running.wait() < 0, "the replay ended before it was killed"
        running.communicate()
    last = replay(settings)
    said, _ = last.communicate(timeout=120)
    assert last.returncode == 0, said
    back = Counter(value for value, _ in read_topic(settings.bootstrap_servers, settings.input_topic))
    assert back == Counter(b"{%d" % n for n in range(_COUNT))
    assert f"{_COUNT:,} replayed\n" not in said, "the killed replays did a part"


def test_a_later_replay_fences_a_running_one(settings: KafkaSettings) -> None:
    """Of two replays at once the later one knows what the first one replayed, and the first one cannot continue."""
    letter = dead_letter_of(bad(settings, 0), settings.dead_letter_topic)
    consumed = Record(settings.dead_letter_topic, 0, 0, 50, letter.key, letter.value, letter.headers)
    message: Message = restore(consumed)
    with closing(ReplaySink(settings)) as first:
        first.publish([message])
        with closing(ReplaySink(settings)) as second:
            with pytest.raises(FencedError, match="a later replay"):
                first.publish([message])
            second.publish([message])
    assert len(read_topic(settings.bootstrap_servers, settings.input_topic)) == 2
