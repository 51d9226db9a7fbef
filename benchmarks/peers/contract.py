"""What all peers share: their command line, SIGTERM, and the labels that they write."""

import signal
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from schemas import CLASSES
from worker.settings import milliseconds, parse_duration
from worker.types import Prediction


@dataclass
class Task:
    """The topics and the artifact of a peer."""

    servers: str
    source: str
    target: str
    group: str
    artifact: Path
    session_ms: int
    stopped: bool = field(default=False)

    @contextmanager
    def until_stopped(self) -> Iterator[None]:
        """Set `stopped` at SIGTERM or Ctrl-C for the duration of a `with`."""

        def stop(_number: int, _frame: FrameType | None) -> None:
            self.stopped = True

        before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def read_task() -> Task:
    """Parse the command line."""
    parser = ArgumentParser(description="One of the peers that python -m benchmarks.throughput starts.")
    for flag in ("--bootstrap-servers", "--input-topic", "--output-topic", "--group-id", "--artifact"):
        parser.add_argument(flag, required=True)
    parser.add_argument("--session-timeout", default="45s")
    found = parser.parse_args()
    return Task(
        found.bootstrap_servers, found.input_topic, found.output_topic, found.group_id, Path(found.artifact),
        milliseconds(parse_duration(found.session_timeout)),
    )  # fmt: skip


def label(
    tweet_id: int | str | None, prediction: Prediction, version: str, received_ms: int, now: str
) -> dict[str, Any]:
    """Return a label with the fields of `schemas.Label`."""
    return {
        "id": tweet_id,
        "label": CLASSES[prediction.target],
        "target": prediction.target,
        "probability": prediction.probability,
        "stage": prediction.stage,
        "model_version": version,
        "received_at": datetime.fromtimestamp(received_ms / 1000, UTC).isoformat(),
        "labelled_at": now,
    }


def now() -> str:
    """Return the current time in the format of labels."""
    return datetime.now(UTC).isoformat()
