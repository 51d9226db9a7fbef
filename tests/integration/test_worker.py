"""The worker as a process, on a real broker."""

import json
import shutil
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from schemas import Reason
from tests.artifacts import describe, write_encoder_artifact
from tests.helpers import tweet
from tests.integration.conftest import PARTITIONS
from tests.integration.topics import Outputs, produce
from tests.integration.waiting import wait_until
from tests.integration.worker_process import WorkerProcess
from tests.tiny_encoder import write_tiny_encoder
from training.data.dataset import SAMPLE, load_dataset, texts_of
from worker.kafka import create_topics
from worker.models.artifact import load_artifact, read_manifest
from worker.settings import KafkaSettings

pytestmark = pytest.mark.broker

Start = Callable[..., WorkerProcess]


def labels_counted(worker: WorkerProcess, name: str) -> float:
    """Return the number of labels of a class that the metrics count."""
    parts = ("cascade_labels_total", f'label="{name}"')
    return sum(value for key, value in worker.metrics().items() if all(part in key for part in parts))


def test_labels_have_the_names_of_the_artifacts_classes(
    start: Start, topics: KafkaSettings, outputs: Outputs, small_artifact: Path, tmp_path: Path
) -> None:
    """An artifact that was trained for other classes labels with their names; a reload to others is logged."""
    artifact = Path(shutil.copytree(small_artifact, tmp_path / "artifact"))
    describe(artifact, classes=("Not Relevant", "Relevant"))
    worker = start(artifact=artifact)
    produce(topics, [(None, tweet(1, "earthquake, many dead")), (None, tweet(2, "my banana"))])
    outputs.wait_for(2)
    assert {label.id: (label.label, label.target) for label in outputs.labels} == {
        1: ("Relevant", 1),
        2: ("Not Relevant", 0),
    }
    wait_until(lambda: labels_counted(worker, "Relevant") == 1, "the label is counted")
    describe(artifact, classes=("dry", "wet"))
    worker.process.send_signal(signal.SIGHUP)
    wait_for(worker, 'cascade_artifact_reloads_total{result="accepted"}')
    produce(topics, [(None, tweet(3, "earthquake, many dead"))])
    outputs.wait_for(3)
    assert {label.label for label in outputs.labels if label.id == 3} == {"wet"}
    code, log = worker.terminate()
    assert code == 0, log
    assert "labels are now named dry and wet, no longer Not Relevant and Relevant" in log


def test_a_calm_run_labels_everything_once(start: Start, topics: KafkaSettings, outputs: Outputs) -> None:
    """Every record is labelled or dead-lettered exactly once, with its key, or its id if it has no key."""
    good: list[tuple[bytes | None, bytes]] = [
        (None if n % 2 else b"k%d" % n, tweet(n, f"flood {n}")) for n in range(1500)
    ]
    bad: list[tuple[bytes | None, bytes]] = [(b"bad", b"\xff"), (None, b"{")]
    produce(topics, [*good, *bad])
    worker = start()
    outputs.wait_for(1502)
    outputs.read_rest()
    seen = worker.metrics()
    code, log = worker.terminate()
    assert code == 0, log
    assert Counter(label.id for label in outputs.labels) == Counter(range(1500))
    stages = Counter(label.stage for label in outputs.labels)
    assert seen["cascade_tweets_consumed_total"] == 1502
    assert (
        seen['cascade_labels_total{label="disaster",stage="baseline",target="1"}']
        + seen['cascade_labels_total{label="not_disaster",stage="baseline",target="0"}']
        == stages["baseline"]
    )
    assert seen['cascade_deferrals_total{stage="baseline"}'] == stages["use"]
    assert seen['cascade_dead_letters_total{reason="invalid_utf8"}'] == 1
    assert seen["cascade_end_to_end_seconds_count"] == 1502
    topic = topics.input_topic
    lag = [seen[f'cascade_lag_records{{input_topic="{topic}",partition="{n}"}}'] for n in range(PARTITIONS)]
    assert (lag, seen["cascade_ready"]) == ([0, 0, 0], 1)
    keys = {label.id: r.key for r, label in outputs.labelled}
    assert keys == {n: b"%d" % n if n % 2 else b"k%d" % n for n in range(1500)}
    letters = {r.value: (r.key, letter.reason) for r, letter in outputs.dead_letters}
    assert len(outputs.dead_letters) == 2
    assert letters == {b"\xff": (b"bad", Reason.INVALID_UTF8), b"{": (None, Reason.INVALID_JSON)}


def test_sigterm_mid_stream_loses_and_doubles_nothing(start: Start, topics: KafkaSettings, outputs: Outputs) -> None:
    """A rolling update: the batches in flight are committed, the group is left, the next worker goes on from there."""
    produce(topics, [(None, tweet(n)) for n in range(3000)])
    first = start("--batch-size", "20")
    outputs.wait_for(100)
    code, log = first.terminate()
    assert code == 0, log
    outputs.read_rest()
    assert len(outputs.records) < 3000, "the worker stopped only after the last record"
    second = start()
    outputs.wait_for(3000)
    outputs.read_rest()
    assert second.terminate()[0] == 0
    assert Counter(label.id for label in outputs.labels) == Counter(range(3000))


def test_sigterm_while_it_starts_is_a_clean_end(start: Start, sample_artifact: Path) -> None:
    """SIGTERM before the worker is ready ends it with exit code 0."""
    worker = start(artifact=sample_artifact)
    wait_until(lambda: worker.get("/livez")[0] == 200, "the server is up before USE is loaded")
    code, log = worker.terminate()
    assert code == 0, log


def test_a_missing_topic_ends_it_before_it_joins(start: Start, topics: KafkaSettings) -> None:
    """The error is one line: the topic that is missing and the command that creates it."""
    code, log = start("--output-topic", "nowhere").wait()
    assert code == 2
    assert log.strip().splitlines() == [log.strip()]
    assert "no such topic" in log
    assert "nowhere" in log
    assert f"python -m worker topics --bootstrap-servers {topics.bootstrap_servers}" in log


def test_a_damaged_artifact_ends_it_before_it_joins(start: Start, small_artifact: Path, tmp_path: Path) -> None:
    """The error is one line that names the damaged file."""
    damaged = Path(shutil.copytree(small_artifact, tmp_path / "artifact"))
    (damaged / "use.skops").write_bytes(b"")
    code, log = start(artifact=damaged).wait()
    assert code == 2
    assert log.startswith("error: ")
    assert "use.skops was changed" in log


def test_the_cascade_with_use_is_served(
    start: Start, topics: KafkaSettings, outputs: Outputs, sample_artifact: Path
) -> None:
    """The artifact of training, TensorFlow included, labels a stream; some tweets reach its last stage."""
    texts = texts_of(load_dataset(SAMPLE).labelled)[:150]
    produce(topics, [(None, tweet(n, text)) for n, text in enumerate(texts)])
    worker = start(artifact=sample_artifact)
    outputs.wait_for(len(texts))
    code, log = worker.terminate()
    assert code == 0, log
    last = read_manifest(sample_artifact).stages[-1]
    assert last.kind == "use"
    assert {label.stage for label in outputs.labels} > {last.name}


def test_too_many_bad_records_stop_it(start: Start, topics: KafkaSettings, outputs: Outputs) -> None:
    """Too many bad records in a row end the worker before their batch is published; the error names the setting."""
    produce(topics, [(b"one partition", b"garbage")] * 50)
    code, log = start("--max-bad-run", "30", "--batch-size", "20").wait()
    assert code == 1
    assert "error: 40 records in a row are bad, --max-bad-run is 30" in log
    assert "Traceback" not in log
    outputs.read_rest()
    assert len(outputs.dead_letters) == 20, "the tripping batch is not published"
    again = start()
    outputs.wait_for(50)
    assert again.terminate()[0] == 0
    outputs.read_rest()
    assert len(outputs.dead_letters) == 50, "what came before it is committed"


def test_a_new_artifact_takes_over_without_a_stop(
    start: Start, topics: KafkaSettings, outputs: Outputs, small_artifact: Path, tmp_path: Path
) -> None:
    """A new artifact is loaded on SIGHUP or by watching: no label is lost or doubled, and a bad one is rejected."""
    folder = Path(shutil.copytree(small_artifact, tmp_path / "artifact"))
    worker = start("--artifact-watch", "100ms", artifact=folder)
    versions = []
    for round_ in range(3):
        produce(topics, [(None, tweet(round_ * 10 + n)) for n in range(10)])
        outputs.wait_for(10 * (round_ + 1))
        versions.append({label.model_version for label in outputs.labels[-10:]})
        if round_ == 0:
            describe(folder, high=0.9)
            wait_for(worker, 'cascade_artifact_reloads_total{result="accepted"}')
        if round_ == 1:
            (folder / "use.skops").write_bytes(b"")
            worker.process.send_signal(signal.SIGHUP)
            wait_for(worker, 'cascade_artifact_reloads_total{result="rejected"}')
    outputs.read_rest()
    code, log = worker.terminate()
    assert code == 0, log
    assert "use.skops was changed" in log
    assert Counter(label.id for label in outputs.labels) == Counter(range(30))
    assert [len(found) for found in versions] == [1, 1, 1]
    assert versions[0] != versions[1] == versions[2]


def wait_for(worker: WorkerProcess, series: str) -> None:
    """Return once a counter counts."""
    wait_until(lambda: bool(worker.metrics()[series]), series)


def test_exactly_once_labels_and_leads_on(start: Start, topics: KafkaSettings, outputs: Outputs) -> None:
    """Labels, dead letters and offsets are in one transaction: the next worker continues at the committed offsets."""
    flags = ("--delivery", "exactly_once", "--batch-size", "7")
    for begin in (0, 50):
        produce(topics, [(None, tweet(n)) for n in range(begin, begin + 50)] + [(b"bad", b"{")])
        worker = start(*flags)
        outputs.wait_for(begin // 50 * 51 + 51)
        code, log = worker.terminate()
        assert code == 0, log
    outputs.read_rest()
    assert Counter(label.id for label in outputs.labels) == Counter(range(100))
    assert len(outputs.dead_letters) == 2


def test_the_log_holds_no_tweets(start: Start, topics: KafkaSettings, outputs: Outputs) -> None:
    """No text of a tweet is logged, whether the record is good or bad; each line of the log is one JSON object."""
    secret = "nobody may read this in a log"
    bad = [f'{{"id": 1, "text": "{secret}'.encode(), f'{{"id": "{secret}"}}'.encode(), secret.encode()]
    produce(topics, [(secret.encode(), value) for value in [tweet(1, secret), *bad]])
    worker = start("--log-format", "json", "--max-bad-run", "2")
    code, log = worker.wait()
    assert code == 1
    assert [json.loads(line)["level"] for line in log.splitlines()][-1] == "error"
    assert secret not in log
    worker = start("--log-format", "json")
    outputs.wait_for(4)
    code, log = worker.terminate()
    assert code == 0
    assert all(json.loads(line)["message"] for line in log.splitlines())
    assert secret not in log


def test_several_topics_are_read(start: Start, topics: KafkaSettings, outputs: Outputs) -> None:
    """One worker reads topics of different shapes; ids, dead letters, lag, counts and log name the topic."""
    toots = topics.model_copy(update={"input_topic": f"toots-{topics.input_topic}"})
    both = f"{topics.input_topic},{toots.input_topic}"
    create_topics(toots, [toots.input_topic], 1, 1)
    produce(topics, [(None, tweet(7))])
    produce(toots, [(None, b'{"text": "no id"}'), (None, b"{")])
    worker = start("--input-topic", both)
    outputs.wait_for(3)
    outputs.read_rest()
    seen = worker.metrics()
    code, log = worker.terminate()
    assert code == 0, log
    assert f"reading {both.replace(',', ', ')} as group" in log
    assert {label.id for label in outputs.labels} == {7, f"{toots.input_topic}-0-0"}
    assert [letter.topic for _, letter in outputs.dead_letters] == [toots.input_topic]
    assert seen[f'cascade_lag_records{{input_topic="{toots.input_topic}",partition="0"}}'] == 0
    counts = [
        seen[f'cascade_topic_records_total{{input_topic="{each.input_topic}",result="{result}"}}']
        for each in (topics, toots)
        for result in ("labelled", "dead_letter")
    ]
    assert counts == [1, 0, 1, 1]


def test_each_input_topic_must_exist(start: Start, topics: KafkaSettings) -> None:
    """A missing topic among several ends the worker with exit code 2, and the line names it."""
    code, log = start("--input-topic", f"{topics.input_topic},nowhere").wait()
    assert code == 2
    assert "no such topic on" in log
    assert ": nowhere;" in log


def test_a_stage_on_another_encoder_is_served(
    start: Start, topics: KafkaSettings, outputs: Outputs, tmp_path: Path
) -> None:
    """A worker labels with somebody's ONNX encoder; of a tweet that it cannot read, the baseline's word stands."""
    artifact = write_encoder_artifact(tmp_path / "artifact", write_tiny_encoder(tmp_path / "model"))
    cascade = load_artifact(artifact).cascade
    texts = [*texts_of(load_dataset(SAMPLE).labelled)[:100], "\u706b\u5c71\u706b\u5c71"]
    produce(topics, [(None, tweet(n, text)) for n, text in enumerate(texts)])
    worker = start(artifact=artifact)
    outputs.wait_for(len(texts))
    engines = [name for name in worker.metrics() if name.startswith("cascade_stage_engine_info")]
    code, log = worker.terminate()
    assert code == 0, log
    expected = {n: (p.target, p.stage) for n, p in enumerate(cascade.predict(texts).predictions)}
    assert {label.id: (label.target, label.stage) for label in outputs.labels} == expected
    assert {"baseline", "encoder_svm"} == {stage for _, stage in expected.values()}
    last = cascade.stages[1].answer(texts[-1:])
    assert np.isnan(last.probabilities).all()
    assert ['engine="onnx"' in name and 'stage="encoder_svm"' in name for name in engines] == [True]
