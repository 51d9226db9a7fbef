"""The latency benchmark."""

from pathlib import Path

import pytest

from benchmarks import latency
from benchmarks.latency_run import LatencyRun, percentiles
from tests.benchmarks.conftest import Run


@pytest.mark.broker
def test_each_tweet_of_a_load_has_a_latency(run: Run, small_artifact: Path, tmp_path: Path) -> None:
    """Every tweet of the open loop is labelled, and only those of the warm-up are not counted."""
    picture = tmp_path / "latency.svg"
    flags = ("--warm-up", "1", "--sustain", "1", "--rate", "200", "--picture", str(picture))
    [row], printed = run(latency, small_artifact, *flags)
    assert 0 < row["p50_ms"] <= row["p99_ms"] <= row["p999_ms"] <= row["max_ms"]
    assert 0 < row["messages"] < 400  # without the warm-up's
    assert row["messages"] == pytest.approx(200, abs=1)  # a timestamp in milliseconds may round into the warm-up
    assert "200/s for 1 s" in printed
    assert picture.read_text().startswith("<svg")


def test_a_percentile_is_the_latency_of_a_tweet() -> None:
    """A percentile is not interpolated between two tweets, and p99.9 of a few is the largest of them."""
    found = percentiles(list(range(10_001)))
    assert found == {"p50_ms": 5_000, "p95_ms": 9_500, "p99_ms": 9_900, "p999_ms": 9_990}
    assert percentiles([3.0, 1.0, 2.0])["p999_ms"] == 3


def test_the_warm_up_is_left_out_and_the_growth_of_the_lag_ends_with_the_load() -> None:
    """Latencies of a cold worker do not count; nor does the lag's decrease after the last tweet."""
    run = LatencyRun([9.0, 2.0], [1_000.0, 7_000.0], [(1.0, 50.0), (5.0, 10.0), (6.0, 12.0), (9.0, 0.0)], [100.0], 0.5)
    kept = run.since(1_000.0, 5.0)
    assert (kept.latencies, kept.due, kept.lag) == ([2.0], [7_000.0], [(5.0, 10.0), (6.0, 12.0), (9.0, 0.0)])
    assert kept.lag_growth(6.0) == pytest.approx(2)
    assert LatencyRun().lag_growth(6.0) == 0
