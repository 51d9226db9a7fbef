"""The throughput benchmark from end to end: that each system works, not its speed."""

from argparse import Namespace
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks import throughput
from benchmarks.harness.backlog_run import BacklogRun
from benchmarks.harness.context import BenchmarkContext
from benchmarks.harness.topics import Topics
from tests.benchmarks.conftest import Run

SYSTEMS = ["echo", "baseline", "cascade", "confluent", "quixstreams", "faststream", "faststream_batch"]
FLAGS = ("--messages", "400", "--seconds", "120", "--repeats", "1")
pytestmark = [
    pytest.mark.broker,
    pytest.mark.skipif(
        not (find_spec("quixstreams") and find_spec("faststream") and find_spec("psutil")),
        reason="needs the peers: pip install -e '.[benchmarks]'",
    ),
]


def concurrent_runs(
    context: BenchmarkContext,
    source: str,
    commands: Mapping[str, Callable[[Topics], list[str]]],
    arguments: Namespace,
    _progress: object,
) -> dict[str, list[BacklogRun]]:
    """Run the systems at the same time: their speed is not checked, and starting them takes most of the time."""

    def run_system(name: str) -> list[BacklogRun]:
        return [throughput._run(context, source, name, commands[name], arguments, lambda _count: None)]

    with ThreadPoolExecutor(max_workers=3) as pool:
        return dict(zip(commands, pool.map(run_system, commands), strict=True))


def test_systems_label_all_tweets(run: Run, small_artifact: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each system labels every tweet; one that failed or wrote no labels would have a row all the same."""
    monkeypatch.setattr(throughput, "_all_runs", concurrent_runs)
    rows, printed = run(throughput, small_artifact, "--rows", ",".join(SYSTEMS), *FLAGS)
    assert [row["name"] for row in rows] == SYSTEMS
    for row in rows:
        assert row["messages"] == 400
        if row["name"] != "echo":
            assert row["scored"] == 60
            assert row["accuracy"] > 0.5
            assert row["deferred_share"] == 0 if row["name"] == "baseline" else row["deferred_share"] > 0
        assert row["name"] in printed


def test_systems_run_one_after_the_other(run: Run, small_artifact: Path) -> None:
    """The benchmark itself runs one system at a time; each has the tweets of the one topic."""
    [row], printed = run(throughput, small_artifact, "--rows", "echo", *FLAGS)
    assert (row["name"], row["messages"]) == ("echo", 400)
    assert "echo" in printed
