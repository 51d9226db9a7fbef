"""A batch that takes longer than --max-poll-interval."""

from collections.abc import Sequence

import pytest
from prometheus_client import CollectorRegistry

from tests.helpers import FixedClassifier, cascade
from tests.kafka.support.auditor import audit, members
from tests.kafka.support.modes import both_modes
from tests.kafka.support.tweets import Feed, group_of
from tests.kafka.support.waiting import wait_until
from worker.commands.run.assembly import connections, new_controller, new_delivery
from worker.metrics import WorkerMetrics
from worker.monitoring.health import Health
from worker.monitoring.shadow import ShadowEvaluator
from worker.settings import KafkaSettings, WorkerSettings
from worker.stream.active_cascade import ActiveCascade
from worker.stream.processor import StreamProcessor
from worker.stream.telemetry import Telemetry
from worker.types import Floats

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]


class Slow(FixedClassifier):
    """A classifier that takes so long for its first batch that the group removes the worker."""

    def __init__(self, settings: WorkerSettings) -> None:
        super().__init__()
        self._settings = settings

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Wait, the first time, until the group has no members."""
        if not self.asked:
            gone = lambda: members(self._settings, self._settings.group_id) == 0  # noqa: E731
            wait_until(gone, 60, lambda: "the group never removes the worker")
        return super().predict_proba(texts)


@both_modes
def test_a_worker_that_is_removed_during_a_batch(feed: Feed, settings: KafkaSettings, delivery: str) -> None:
    """The worker joins again and polls the batch again, and nothing is lost."""
    times = {"session_timeout": "6s", "max_poll_interval": "6s"}
    own = {"group_id": group_of(settings), "delivery": delivery, "batch_size": 100, **times}
    mine = WorkerSettings(**{**settings.model_dump(), **own})
    feed.add(1000)
    registry = CollectorRegistry()
    metrics = WorkerMetrics(registry, cascade(), {"version": "1"}, topics=mine.input_topics)
    telemetry = Telemetry(metrics, Health(60))
    with connections(mine) as (source, sink):
        loop = StreamProcessor(
            source, new_delivery(mine, source, sink, telemetry), ActiveCascade(cascade(Slow(mine))), telemetry,
            new_controller(mine), ShadowEvaluator(0),
        )  # fmt: skip
        wait_until(lambda: not loop.step() and not feed.left(), 60, lambda: f"{feed.left()} tweets are left")
    assert registry.get_sample_value("cascade_commit_failures_total") == 1
    audit(settings).check(1000, delivery)
