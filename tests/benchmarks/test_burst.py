"""The burst's arithmetic, and that it runs."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import burst, schedule
from benchmarks.schedule import Phase
from benchmarks.scoring import known, late_until, rows, timeline
from benchmarks.tweets import Pool
from training.data.dataset import SAMPLE
from worker.cli import app

PHASES = [Phase("before", 10.0, 100.0), Phase("burst", 5.0, 1000.0)]
POOL = Pool("two", ["a", "b", "c"], [1, 0])


def label(n: int, target: int, *, shed: bool = False) -> bytes:
    """Return what comes out of the worker."""
    return json.dumps({"id": n, "target": target, "shed": shed}).encode()


def test_tweets_are_sent_when_the_phases_say() -> None:
    """Both processes compute the same times, in order, as many as the load asks for."""
    times = schedule.times(PHASES, seed=1)
    assert (times == schedule.times(schedule.read(schedule.write(PHASES)), seed=1)).all()
    assert (np.diff(times) >= 0).all()
    assert (times < 10).sum() == pytest.approx(1000, rel=0.15)
    assert (times >= 10).sum() == pytest.approx(5000, rel=0.1)


def test_latency_counts_from_the_time_a_tweet_was_to_be_sent() -> None:
    """A sender that is held up hides nothing; the first of two labels counts; of each phase its own tweets."""
    sent = np.array([1.0, 2.0, 11.0])
    came = [(101_500, label(0, 1)), (102_250, label(1, 1)), (104_000, label(1, 0)), (114_000, label(2, 1, shed=True))]
    line = timeline(came, 100.0, sent, known(POOL))
    assert line.latency.tolist() == [0.5, 0.25, 3.0]
    before, after = rows("shed", line, PHASES, 1.0)
    assert [before[name] for name in ("tweets", "accuracy", "shed_share", "max_s", "most_waiting")] == [
        2,
        0.5,
        0,
        0.5,
        1,
    ]
    assert [after[name] for name in ("tweets", "accuracy", "shed_share", "within_objective")] == [1, 1, 1, 0]
    assert late_until(line, 1.0) == 14.0
    assert late_until(line, 5.0) == 0.0


@pytest.mark.broker
def test_it_runs(small_artifact: Path, tmp_path: Path) -> None:
    """One command measures both modes, and writes rows and a picture."""
    flags = [
        *("--broker", "embedded", "--artifact", str(small_artifact), "--tweets", str(SAMPLE / "train.csv")),
        *("--capacity", "500", "--seconds", "1", "1", "1"),
        *("--json", str(tmp_path / "rows.json"), "--picture", str(tmp_path / "burst.png")),
    ]
    assert app.main(burst.build_parser(), flags) == 0
    told = json.loads((tmp_path / "rows.json").read_text())
    assert [(row["name"], row["phase"]) for row in told] == [
        (mode, phase) for mode in ("shed", "lag") for phase in ("before", "burst", "after")
    ]
    assert all(0.5 < row["accuracy"] <= 1 for row in told)
    assert told[1]["sent_per_second"] > 5 * told[0]["sent_per_second"]
    assert (tmp_path / "burst.png").read_bytes().startswith(b"\x89PNG")
