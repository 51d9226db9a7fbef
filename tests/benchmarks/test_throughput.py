"""The throughput benchmark from end to end: that each system works, not its speed."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from benchmarks import throughput
from benchmarks.harness.tweets import read_pool
from tests.benchmarks.conftest import Run
from worker.models import load_artifact

PEERS = ["confluent", "quixstreams", "faststream", "faststream_batch"]
NO_TIME_LIMIT = ("--seconds", "120", "--repeats", "1")
pytestmark = [
    pytest.mark.broker,
    pytest.mark.skipif(
        not (find_spec("quixstreams") and find_spec("faststream") and find_spec("psutil")),
        reason="needs the peers: pip install -e '.[benchmarks]'",
    ),
]


@pytest.mark.parametrize("names", [["echo", "baseline", "cascade"], *([peer] for peer in PEERS)], ids=",".join)
def test_systems_label_all_tweets(run: Run, small_artifact: Path, names: list[str]) -> None:
    """Each system labels every tweet; one that failed or wrote no labels would have a row all the same."""
    rows, printed = run(throughput, small_artifact, "--rows", ",".join(names), "--messages", "400", *NO_TIME_LIMIT)
    assert [row["name"] for row in rows] == names
    for row in rows:
        assert row["messages"] == 400
        if row["name"] != "echo":
            assert row["scored"] == 60
            assert row["accuracy"] > 0.5
            assert row["deferred_share"] == 0 if row["name"] == "baseline" else row["deferred_share"] > 0
        assert row["name"] in printed


def test_the_notebook_labels_as_the_use_stage(run: Run, sample_artifact: Path, tweets: Path) -> None:
    """A Keras model of strings with the artifact's USE and head is as accurate as the worker's stage on USE."""
    [row], _ = run(throughput, sample_artifact, "--rows", "notebook", "--messages", "60", *NO_TIME_LIMIT)
    assert (row["messages"], row["scored"], row["deferred_share"]) == (60, 60, 1)
    pool, use = read_pool(tweets), load_artifact(sample_artifact).cascade.stages[-1]
    predicted = use.classifier.predict_proba(pool.texts)[:, 1] >= 0.5
    assert row["accuracy"] == pytest.approx(np.mean(predicted == np.array(pool.targets)), abs=0.02)
