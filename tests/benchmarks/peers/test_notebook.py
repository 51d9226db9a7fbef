"""The course's notebook as a peer."""

import threading
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from benchmarks.harness.brokers import RunningBroker
from benchmarks.harness.commands import peer_command
from benchmarks.harness.topics import Tail, Topics, fill, new_outputs, new_topic
from benchmarks.harness.tweets import read_pool
from benchmarks.peers import notebook
from benchmarks.peers.contract import Task
from benchmarks.results.scoring import score
from benchmarks.systems import system_commands
from worker.models.artifact import load_classifier, read_manifest

PATIENCE_S = 120


@pytest.mark.broker
def test_the_notebook_labels_as_the_use_stage(
    broker: RunningBroker, sample_artifact: Path, tweets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Keras model of strings with the artifact's USE and head is as accurate as the worker's stage on USE."""
    pool, stage = read_pool(tweets), read_manifest(sample_artifact).stages[-1]
    topics = new_outputs(broker.servers, new_topic(broker.servers, "tweets"))
    fill(broker.servers, topics.input, pool.records(60))
    task = Task(broker.servers, topics.input, topics.output, topics.group, sample_artifact, 2000)
    monkeypatch.setattr(notebook, "read_task", lambda: task)
    values: list[bytes] = []
    reader = threading.Thread(target=stop_after, args=(task, topics, 60, values))
    reader.start()
    notebook.main()
    reader.join()
    accuracy, scored, deferred = score(values, pool, stage.name)
    assert (len(values), scored, deferred) == (60, 60, 1)
    use = load_classifier(sample_artifact, stage).predict_proba(pool.texts)[:, 1] >= 0.5
    assert accuracy == pytest.approx(np.mean(use == np.array(pool.targets)), abs=0.02)


def stop_after(task: Task, topics: Topics, count: int, values: list[bytes]) -> None:
    """Read this many labels, then stop the peer; stop it anyway after a while."""
    deadline = time.monotonic() + PATIENCE_S
    with closing(Tail(topics.servers, topics.output)) as tail:
        while len(values) < count and time.monotonic() < deadline:
            values.extend(value for _, value in tail.poll())
    task.stopped = True


def test_the_notebook_is_a_system_of_artifacts_with_use(sample_artifact: Path, tmp_path: Path) -> None:
    """The throughput benchmark starts it with the whole artifact."""
    topics = Topics("localhost:9092", "tweets", "labels", "dead-letters")
    command = system_commands(["notebook"], sample_artifact, tmp_path)["notebook"]
    assert command(topics) == peer_command("notebook", topics, sample_artifact)
