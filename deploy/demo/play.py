"""The demo from the first process to the last."""

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
_PATIENCE_SECONDS = 60


@dataclass
class Received:
    """What came out so far."""

    labels: list[Label] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)

    def __len__(self) -> int:
        """Return how many different records came out: at least once may mean twice."""
        labelled = {label.id for label in self.labels}
        return len(labelled) + len({(letter.partition, letter.offset) for letter in self.letters})


def play(
    artifact: Path, port: int, console: Console, interruption: Interruption, *, refresh: bool
) -> tuple[Summary, str]:
    """Train if need be, start broker and worker, produce, watch, end all; return the figures and the metrics' URL.

    Args:
        artifact: the cascade; trained there if it is missing.
        port: of the worker's metrics, 0 for a free one.
        console: where it is shown.
        interruption: what a signal sets.
        refresh: train also if the cascade that is there is of other data than is found now.

    Raises:
        CascadeError: a part failed, or nothing comes out any more.
        KeyboardInterrupt: a signal came; all that was started is ended.

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
    return summarize(stream, received.labels, received.letters, started, stages), worker.metrics_url


def _outputs(settings: KafkaSettings) -> list[str]:
    return [settings.output_topic, settings.dead_letter_topic]


def _run(settings: KafkaSettings, stream: Stream, worker: WorkerProcess, console: Console) -> Received:
    """Produce the stream and watch until all of it came out."""
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
        received.letters.append(DeadLetter.from_headers((k, v or b"") for k, v in record.headers))


def _show(received: Received, before: int, stream: Stream, console: Console) -> None:
    """Print those of the labels since `before` that are due: one for each twelfth of the stream."""
    every = max(1, len(stream) // _SHOWN)
    for label in received.labels[-(-before // every) * every :: every]:
        line = label_line(label, stream.tweets[int(label.id)].text)
        console.print(line, no_wrap=True, overflow="ellipsis")


def _check(producer: Producer, worker: WorkerProcess, last_progress: float) -> None:
    """Raise a CascadeError when one of the others failed or nothing comes any more."""
    if producer.error:
        raise CascadeError(f"producing failed: {producer.error}")
    worker.check()
    if time.monotonic() > last_progress + _PATIENCE_SECONDS:
        raise CascadeError(f"nothing came out for {_PATIENCE_SECONDS} s; the worker says:\n{worker.last_lines()}")
