"""docs/metrics.md, and what Prometheus' own linter says."""

import re
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric

from tests.deploy.prometheus import promtool
from tests.helpers import cascade
from worker.cascade.cascade import ThresholdCascade
from worker.commands.run.assembly import versions
from worker.metrics import FollowMetrics, WorkerMetrics, labelled, new_registry
from worker.types import Arithmetic, Device, HeldBack, SourceStatus

DOC = Path(__file__).parents[3] / "docs/metrics.md"


def registry() -> CollectorRegistry:
    """Return what a worker shows that has been given a partition and a GPU, and has a stage on the encoder."""
    found, (first, last) = new_registry(), cascade().stages
    encoded = ThresholdCascade([first, replace(last, arithmetic=Arithmetic("onnx", "int8"))], "v1")
    metrics = WorkerMetrics(found, encoded, versions(), lambda: [Device("GPU:0", "A100")])
    FollowMetrics(found)
    metrics.polled(0, {("tweets", 0): 0}, 1)
    metrics.connected(SourceStatus(joined=True, held_back={("tweets", 0): HeldBack(1, 1.0)}))
    return found


def row(metric: Metric) -> str:
    """Return the metric's line of the table."""
    name = metric.name + ("_total" if metric.type == "counter" else "")
    labels = dict.fromkeys(label for sample in metric.samples for label in sample.labels if label != "le")
    return f"| `{name}` | {metric.type} | {', '.join(f'`{x}`' for x in labels)} | {metric.documentation} |"


def ours(metrics: Iterable[Metric]) -> list[Metric]:
    """Return the metrics that are the worker's own, not the process'."""
    return [metric for metric in metrics if metric.name.startswith("cascade_")]


def test_the_table_is_the_codes() -> None:
    """Whoever builds a dashboard reads it: each metric is there, with its type, labels and meaning, and no other."""
    rows = {re.sub(r"\|  \|", "| |", row(metric)) for metric in ours(registry().collect())}
    listed = set(re.findall(r"^\| `cascade_.*$", DOC.read_text(), re.MULTILINE))
    assert sorted(rows - listed) == []
    assert sorted(listed - rows) == []


def test_prometheus_linter_has_nothing_to_say() -> None:
    """Names, units and helps follow Prometheus' conventions."""
    tool = promtool()
    text = generate_latest(labelled(registry(), {"group": "g", "topic": "t"}))
    done = subprocess.run([tool, "check", "metrics"], input=text, capture_output=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, b"")
