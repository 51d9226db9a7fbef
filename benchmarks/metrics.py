"""`python -m benchmarks.metrics`: the cost of the worker's metrics.

The same batches go alternately through two main loops, one with the worker's metrics and one whose metrics do nothing.
Source and sink are in memory: with Kafka the share of the metrics would only be smaller. CPU time is compared, which
other processes on the machine hardly change.
"""

import statistics
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from benchmarks.memory import MemorySink, MemorySource
from benchmarks.results.facts import machine_facts, print_facts
from benchmarks.results.output import wide_console
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.stage import Stage
from worker.cli import app
from worker.cli.console import new_console, progress_bar
from worker.metrics import WorkerMetrics, new_registry
from worker.metrics.flow import Flow
from worker.monitoring.health import Health
from worker.monitoring.shadow import ShadowEvaluator
from worker.overload.controller import OverloadController
from worker.stream.active_cascade import ActiveCascade
from worker.stream.circuit_breaker import WINDOW, CircuitBreaker
from worker.stream.delivery import Delivery
from worker.stream.processor import StreamProcessor
from worker.stream.telemetry import Telemetry
from worker.types import BatchResult, Lag, StageCall

_TWEETS = Path("training/sample/train.csv")


class NoFlow(Flow):
    """A flow that counts nothing."""

    def __init__(self) -> None:
        """Have no series."""

    def enter(self, items: int) -> None:
        """Count nothing."""

    def leave(self, items: int) -> None:
        """Count nothing."""

    def count_out(self, items: int) -> None:
        """Count nothing."""


class NoMetrics(WorkerMetrics):
    """Metrics that measure nothing."""

    def flow(self, operation: str) -> Flow:  # noqa: ARG002 (the base class's signature)
        """Return a flow that counts nothing."""
        return _NO_FLOW

    def took(self, operation: str, seconds: float) -> None:
        """Measure nothing."""

    def classified(self, calls: Sequence[StageCall]) -> None:
        """Measure nothing."""

    def polled(self, records: int, lag: Lag, generation: int) -> None:
        """Measure nothing."""

    def published(self, result: BatchResult) -> None:
        """Measure nothing."""


_NO_FLOW = NoFlow()


def build_parser() -> ArgumentParser:
    """Return the parser."""
    parser = app.new_parser(
        "python -m benchmarks.metrics", "Measures the cost of the worker's metrics: CPU time a tweet, and its share."
    )
    flag = parser.add_argument
    flag("--artifact", type=Path, default=Path("models/default"), metavar="DIR",
         help="the cascade (default: models/default)")  # fmt: skip
    flag("--tweets", type=Path, default=_TWEETS, metavar="FILE", help=f".csv or .jsonl (default: {_TWEETS})")
    flag("--first-stage", action="store_true", help="use the first stage alone, the cheapest case of a tweet")
    flag("--batch-size", type=int, default=2048, metavar="N", help="records in a batch (default: 2048)")
    flag("--rounds", type=int, default=100, metavar="N", help="batches with and without metrics, each (default: 100)")
    flag("--audit-share", type=float, default=0.0, metavar="SHARE", help="of the tweets that all stages classify, as "
         "a worker audits them (default: 0; a worker's: 0.01)")  # fmt: skip
    parser.set_defaults(command=command)
    return parser


def command(arguments: Namespace) -> int:
    """Measure and print."""
    from worker.models import load_artifact

    cascade = load_artifact(arguments.artifact).cascade
    facts = machine_facts(tweets=str(arguments.tweets), artifact=f"{arguments.artifact}, {cascade.version}")
    print_facts(facts, wide_console())
    if arguments.first_stage:
        cascade = ThresholdCascade([Stage(cascade.stages[0].name, cascade.stages[0].classifier)], cascade.version)
    workers = [new_worker(kind, cascade, arguments) for kind in (NoMetrics, WorkerMetrics)]
    plain, measured = compare(workers, arguments.rounds)
    print(report(plain, measured, arguments.batch_size))
    return 0


def new_worker(kind: type[WorkerMetrics], cascade: ThresholdCascade, arguments: Namespace) -> StreamProcessor:
    """Return a stream processor in memory with metrics of this kind."""
    telemetry = Telemetry(kind(new_registry(), cascade, {"version": "benchmark"}), Health(3600))
    source = MemorySource(arguments.tweets, arguments.batch_size)
    breaker = CircuitBreaker(window=WINDOW)
    delivery = Delivery(source, MemorySink(), breaker, telemetry, output_topic="out", dead_letter_topic="dead")
    active = ActiveCascade(cascade)
    shadow = ShadowEvaluator(arguments.audit_share)
    return StreamProcessor(source, delivery, active, telemetry, OverloadController(), shadow)


def compare(workers: list[StreamProcessor], rounds: int) -> list[list[float]]:
    """Return each worker's CPU seconds for each of its batches; the first few, which warm up, are left out."""
    seconds: list[list[float]] = [[] for _ in workers]
    with progress_bar(new_console(stderr=True)) as progress:
        for n in progress.track(range(-3, rounds), description="batches, alternating"):
            turn = list(zip(workers, seconds, strict=True))
            for worker, taken in turn if n % 2 else reversed(turn):
                start = time.process_time()
                worker.step()
                if n >= 0:
                    taken.append(time.process_time() - start)
    return seconds


def report(plain: list[float], measured: list[float], size: int) -> str:
    """Return a summary of the medians of CPU seconds a batch; `plain` has no metrics, `measured` has."""
    without, cost = statistics.median(plain), statistics.median(b - a for a, b in zip(plain, measured, strict=True))
    return (
        f"CPU a tweet without metrics: {without / size * 1e6:.2f} us; cost of the metrics: {cost / size * 1e6:.2f} us\n"
        f"share of the throughput: {cost / (without + cost):.2%} (median of {len(plain)} pairs of {size} records)"
    )


if __name__ == "__main__":
    app.leave(app.main(build_parser()))
