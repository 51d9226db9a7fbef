"""One broker for all benchmarks; they run in this process, the systems that they measure in their own."""

import json
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from benchmarks.harness import commands, context, processes
from benchmarks.harness.brokers import RunningBroker, running_broker
from worker.cli import app

Run = Callable[..., tuple[list[dict[str, Any]], str]]


@pytest.fixture(scope="session")
def broker() -> Iterator[RunningBroker]:
    """Start the embedded broker; one for each process of xdist."""
    with running_broker("embedded") as running:
        yield running


@pytest.fixture
def tweets(tmp_path: Path) -> Path:
    """Write 60 tweets with their targets."""
    path = tmp_path / "tweets.csv"
    lines = [f"{n},forest fire near village {n},1\n{100 + n},tea with {n} friends,0" for n in range(30)]
    path.write_text("id,text,target\n" + "\n".join(lines) + "\n")
    return path


@pytest.fixture
def run(
    broker: RunningBroker, tweets: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Return a function that runs a benchmark on the session's broker; it returns the rows and the output."""
    out = tweets.parent / "out.json"
    monkeypatch.setattr(context, "running_broker", lambda _kind: nullcontext(broker))
    monkeypatch.setattr(commands, "SESSION", "2s")  # a group's first rebalance waits for half of it
    monkeypatch.setattr(processes, "_STABLE_S", 1.0)
    monkeypatch.setenv("COLUMNS", "160")

    def run_benchmark(benchmark: ModuleType, artifact: Path, *flags: str) -> tuple[list[dict[str, Any]], str]:
        line = ["--broker", "embedded", "--artifact", str(artifact), "--tweets", str(tweets), "--json", str(out)]
        code = app.main(benchmark.build_parser(), [*line, *flags])
        printed = capsys.readouterr()
        assert code == 0, printed.err + printed.out
        return json.loads(out.read_text()), printed.out

    return run_benchmark
