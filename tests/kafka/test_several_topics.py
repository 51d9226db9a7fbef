"""Several input topics, read by one group."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.helpers import tweet
from tests.kafka.support.auditor import audit, read_topic
from tests.kafka.support.commands import Commands
from tests.kafka.support.modes import both_modes
from tests.kafka.support.tweets import produce
from tests.kafka.support.waiting import wait_until
from tests.kafka.support.workers import Workers
from worker.kafka import create_topics
from worker.settings import KafkaSettings

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(180)]
EACH = 3_000
BAD = b'{"text": "cut'


@pytest.fixture
def topics(settings: KafkaSettings) -> tuple[KafkaSettings, KafkaSettings]:
    """Create a second input topic; return the settings of each."""
    other = settings.model_copy(update={"input_topic": f"{settings.input_topic}-toots"})
    create_topics(other, [other.input_topic], 2, 1)
    return settings, other


@pytest.fixture
def workers(
    topics: tuple[KafkaSettings, KafkaSettings], small_artifact: Path, tmp_path: Path, delivery: str
) -> Iterator[Workers]:
    """Return workers that read both topics."""
    both = topics[0].model_copy(update={"input_topic": ",".join(each.input_topic for each in topics)})
    with closing(Workers(both, small_artifact, tmp_path, delivery)) as group:
        yield group


@both_modes
def test_all_of_both_topics_is_labelled(
    topics: tuple[KafkaSettings, KafkaSettings], workers: Workers, delivery: str
) -> None:
    """Two workers share both topics' partitions, one is killed; bad records go back to the topic they came from."""
    tweets, toots = topics
    produce(tweets, [*(tweet(n, f"flood {n}") for n in range(EACH)), BAD])
    produce(toots, [BAD, BAD])
    killed, left = workers.start(), workers.start()
    wait_until(lambda: bool(audit(tweets).labels), 60, workers.logs)
    workers.kill(killed)
    produce(toots, [tweet(n, f"fire {n}") for n in range(EACH, 2 * EACH)])
    wait_until(lambda: len(audit(tweets).labels) == 2 * EACH, 90, workers.logs)
    audit(tweets).check(2 * EACH, delivery)
    wait_until(lambda: workers.metric(left, "cascade_assigned_partitions") == 5, 60, workers.logs)
    client = Commands(tweets.bootstrap_servers, {})
    replayed = client.run(tweets, "replay", "--source-topic", toots.input_topic, "--yes")
    assert replayed.returncode == 0, replayed.stderr
    back = {each.input_topic: Counter(value for value, _ in read_topic(each.bootstrap_servers, each.input_topic))[BAD]
            for each in topics}  # fmt: skip
    assert back[tweets.input_topic] == 1
    assert back[toots.input_topic] == 4 or (delivery == "at_least_once" and back[toots.input_topic] > 4)
