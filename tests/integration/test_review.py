"""`review` of the labelled topic, behind a worker."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.test_commands import flags
from tests.integration.topics import Outputs, produce
from tests.integration.worker_process import WorkerProcess
from tests.training.commands.running import run as run_training
from training.review.sheet import read_sheet
from worker.settings import KafkaSettings

pytestmark = pytest.mark.broker


def test_the_labelled_topic_is_reviewed(
    start: Callable[..., WorkerProcess],
    topics: KafkaSettings,
    outputs: Outputs,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What a worker labels with --copy-field text is picked from the topic, with the labels that it published."""
    tweets = [{"id": n, "text": chr(97 + n % 26) * (n + 4) + " burns"} for n in range(30)]
    produce(topics, [(None, json.dumps(tweet).encode()) for tweet in tweets])
    worker = start("--copy-field", "text")
    outputs.wait_for(30)
    code, log = worker.terminate()
    assert code == 0, log
    path = tmp_path / "review.csv"
    code, _, err = run_training(capsys, "review", *flags(topics), "--csv", "--number", "8", "--out", str(path))
    assert code == 0, err
    published = {str(label.id): label for label in outputs.labels}
    rows = read_sheet(path).rows
    assert len(rows) == 8
    assert all(row.text == tweets[int(row.id)]["text"] for row in rows)
    assert all(row.predicted == published[row.id].label for row in rows)
    assert all(float(row.probability) == pytest.approx(published[row.id].probability, abs=1e-4) for row in rows)


def test_labels_without_texts_say_what_to_set(
    start: Callable[..., WorkerProcess],
    topics: KafkaSettings,
    outputs: Outputs,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A worker's labels have no text by default: the message names the flag that carries it along."""
    produce(topics, [(None, b'{"id": 1, "text": "fire"}')])
    worker = start()
    outputs.wait_for(1)
    worker.terminate()
    code, _, err = run_training(capsys, "review", *flags(topics), "--csv", "--out", str(tmp_path / "review.csv"))
    assert (code, "the labels have no text: run the worker with --copy-field text" in err) == (2, True)
