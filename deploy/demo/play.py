"""Course of the demo: train, start, publish, watch, stop."""

import tempfile
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from deploy.demo.broker import EmbeddedBroker, free_port
from deploy.demo.processes import WorkerProcess, prepare, worker_process
from deploy.demo.producer import Producer, producing
from deploy.demo.stream import Stream
from deploy.demo.summary import Summary, summarize
from schemas import DeadLetter, Label
from worker.cli.console import label_line, progress_bar
from worker.cli.interruption import Interruption
from worker.errors import CascadeError
from worker.kafka import KafkaReader, create_topics
from worker.models.artifact import read_manifest
from worker.settings import KafkaSettings
from worker.types import Record

_PARTITIONS = 3
_SHOWN = 12
_PATIENCE_S = 60


@dataclass
class Received:
    """Labels and dead letters received so far."""

    labels: list[Label] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)

    def __len__(self) -> int:
        """Return the number of distinct records: at-least-once delivery may repeat some."""
        labelled = {label.id for label in self.labels}
        return len(labelled) + len({(dead.partition, dead.offset) for dead in self.dead_letters})


def play(
    artifact: Path, port: int, console: Console, interruption: Interruption, *, refresh: bool
) -> tuple[Summary, str]:
    """Run the demo; return its summary and the URL of the worker's metrics.

    Args:
        artifact: folder of the cascade, trained if it does not exist.
        port: port of the worker's metrics, 0 for any free one.
        console: prints progress and labels.
        interruption: set by a signal.
        refresh: retrain if the cascade was trained on other data than is present.

    Raises:
        CascadeError: a process failed, or the worker made no progress for too long.
        KeyboardInterrupt: a signal came; every process that was started is stopped.

    """
    with tempfile.TemporaryDirectory(prefix="tweet-cascade-") as folder, ExitStack() as running:
        path = Path(folder)
        prepare(artifact, path / "stream.json", interruption, refresh=refresh)
        stream = Stream.read(path / "stream.json")
        broker = running.enter_context(EmbeddedBroker())
        settings = KafkaSettings(bootstrap_servers=broker.bootstrap_servers)
        create_topics(settings, [settings.input_topic, *_outputs(settings)], _PARTITIONS, 1)
        console.print(f"broker on {broker.bootstrap_servers}; starting the worker ...")
        worker = running.enter_context(
            worker_process(broker.bootstrap_servers, artifact, port or free_port(), path / "worker.log", interruption)
        )
        worker.wait_ready()
        console.print(f"worker is ready, metrics on {worker.metrics_url}")
        started = time.time()
        received = _run(settings, stream, worker, console)
    stages = [stage.name for stage in read_manifest(artifact).stages]
    return summarize(stream, received.labels, received.dead_letters, started, stages), worker.metrics_url


def _outputs(settings: KafkaSettings) -> list[str]:
    return [settings.output_topic, settings.dead_letter_topic]


def _run(settings: KafkaSettings, stream: Stream, worker: WorkerProcess, console: Console) -> Received:
    """Publish the stream; return once every record has been labelled or dead-lettered."""
    received = Received()
    with (
        closing(KafkaReader(settings, _outputs(settings), from_beginning=True)) as reader,
        producing(settings, stream) as producer,
        progress_bar(console) as progress,
    ):
        task = progress.add_task("labelled", total=len(stream))
        last_progress = time.monotonic()
        while len(received) < len(stream):
            before, shown = len(received), len(received.labels)
            for record in reader.poll(timeout_ms=100):
                _receive(record, settings, received)
            if len(received) > before:
                last_progress = time.monotonic()
                _show(received, shown, stream, console)
            progress.update(task, completed=len(received))
            _check(producer, worker, last_progress)
    return received


def _receive(record: Record, settings: KafkaSettings, received: Received) -> None:
    if record.topic == settings.output_topic:
        received.labels.append(Label.model_validate_json(record.value or b""))
    else:
        received.dead_letters.append(DeadLetter.from_headers((k, v or b"") for k, v in record.headers))


def _show(received: Received, before: int, stream: Stream, console: Console) -> None:
    """Print one label for each twelfth of the stream, of those that arrived after the first `before`."""
    every = max(1, len(stream) // _SHOWN)
    for label in received.labels[-(-before // every) * every :: every]:
        line = label_line(label, stream.tweets[int(label.id)].text)
        console.print(line, no_wrap=True, overflow="ellipsis")


def _check(producer: Producer, worker: WorkerProcess, last_progress: float) -> None:
    """Raise a CascadeError if the producer or the worker failed, or no record arrived for too long."""
    if producer.error:
        raise CascadeError(f"the producer failed: {producer.error}")
    worker.check()
    if time.monotonic() > last_progress + _PATIENCE_S:
        raise CascadeError(f"no label or dead letter for {_PATIENCE_S} s; the worker's log:\n{worker.last_lines()}")
