"""Overload: a backlog that the second stage cannot label within the latency objective."""

from collections.abc import Callable
from pathlib import Path

import pytest
import skops.io
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from schemas import Label
from tests.artifacts import describe, write_small_artifact
from tests.helpers import tweet
from tests.integration.topics import Outputs, produce
from tests.integration.waiting import wait_until
from tests.integration.worker_process import WorkerProcess
from training.data.dataset import SAMPLE, load_dataset, targets_of, texts_of
from worker.settings import KafkaSettings

pytestmark = pytest.mark.broker
BACKLOG, AFTER = 5_000, 15


@pytest.fixture(scope="module")
def slow_artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the small artifact with a second stage that takes a millisecond a tweet, and gets nearly all of them."""
    folder = write_small_artifact(tmp_path_factory.mktemp("slow") / "artifact")
    labelled = load_dataset(SAMPLE).labelled[:200]  # its n-grams take long to count; predictions take the same time
    letters = TfidfVectorizer(analyzer="char", ngram_range=(1, 40), max_features=1000)
    model = make_pipeline(letters, LogisticRegression()).fit(texts_of(labelled), targets_of(labelled))
    skops.io.dump(model, folder / "use.skops")
    describe(folder, high=0.99)
    return folder


def backlog() -> list[tuple[bytes | None, bytes]]:
    """Return tweets of the sample, again and again."""
    texts = texts_of(load_dataset(SAMPLE).labelled)
    return [(None, tweet(n, texts[n % len(texts)])) for n in range(BACKLOG)]


def labels_after(
    mode: str, start: Callable[..., WorkerProcess], topics: KafkaSettings, outputs: Outputs, artifact: Path
) -> tuple[list[Label], list[Label], dict[str, float]]:
    """Return the labels of a backlog, those of a few tweets that come one by one when it is done, and the metrics."""
    produce(topics, backlog())
    worker = start("--on-overload", mode, artifact=artifact)
    outputs.wait_for(BACKLOG)
    for n in range(AFTER):
        produce(topics, [(None, tweet(BACKLOG + n, f"flood {n}"))])
        outputs.wait_for(BACKLOG + n + 1)
    wait_until(lambda: worker.metrics()["cascade_tweets_consumed_total"] == BACKLOG + AFTER, "all is counted")
    seen = worker.metrics()
    assert worker.terminate()[0] == 0
    by_id = {label.id: label for label in outputs.labels}
    assert len(by_id) == BACKLOG + AFTER
    return [by_id[n] for n in range(BACKLOG)], [by_id[BACKLOG + n] for n in range(AFTER)], seen


def test_a_backlog_is_shed_and_what_comes_after_it_is_not(
    start: Callable[..., WorkerProcess], topics: KafkaSettings, outputs: Outputs, slow_artifact: Path
) -> None:
    """Labels and metrics show the same number of shed tweets, and shedding ends with the backlog."""
    backlog, after, seen = labels_after("shed", start, topics, outputs, slow_artifact)
    shed = [label for label in backlog if label.shed]
    assert len(shed) > BACKLOG / 4
    assert {label.stage for label in shed} == {"baseline"}
    assert not any(label.shed for label in after)
    assert seen['cascade_shed_total{stage="baseline"}'] == len(shed)
    assert seen["cascade_deferral_allowed_ratio"] == 1
    assert seen["cascade_latency_objective_seconds"] == 1


def test_without_shedding_all_wait_for_the_second_stage(
    start: Callable[..., WorkerProcess], topics: KafkaSettings, outputs: Outputs, slow_artifact: Path
) -> None:
    """With `--on-overload lag` no tweet is shed, however long the backlog."""
    backlog, after, seen = labels_after("lag", start, topics, outputs, slow_artifact)
    assert not any(label.shed for label in [*backlog, *after])
    assert sum(label.stage == "use" for label in backlog) > BACKLOG / 2
    assert seen['cascade_shed_total{stage="baseline"}'] == 0
