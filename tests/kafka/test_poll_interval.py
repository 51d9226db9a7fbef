"""A worker that takes longer for a batch than its group waits."""

from collections.abc import Sequence

import pytest
from prometheus_client import CollectorRegistry

from tests.helpers import FixedClassifier, cascade
from tests.kafka.auditor import audit, members
from tests.kafka.test_faults import both_modes
from tests.kafka.workers import Feed, group_of, wait_until
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
    """Takes so long for its first batch that the group goes on without it."""

    def __init__(self, settings: WorkerSettings) -> None:
        super().__init__()
        self._settings = settings

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Wait, the first time, until the group has no member any more."""
        if not self.asked:
            gone = lambda: members(self._settings, self._settings.group_id) == 0  # noqa: E731
            wait_until(gone, 60, lambda: "the group waits for ever")
        return super().predict_proba(texts)


@both_modes
def test_a_worker_that_was_dropped_in_a_batch(feed: Feed, settings: KafkaSettings, delivery: str) -> None:
    """It joins again and goes on; the batch comes again, and nothing is lost."""
    own = {"group_id": group_of(settings), "delivery": delivery, "max_poll_interval": "1s", "batch_size": 100}
    mine = WorkerSettings(**{**settings.model_dump(), **own})
    feed.add(1000)
    registry = CollectorRegistry()
    telemetry = Telemetry(WorkerMetrics(registry, cascade(), {"version": "1"}), Health(60))
    with connections(mine) as (source, sink):
        loop = StreamProcessor(
            source, new_delivery(mine, source, sink, telemetry), ActiveCascade(cascade(Slow(mine))), telemetry,
            new_controller(mine), ShadowEvaluator(0),
        )  # fmt: skip
        wait_until(lambda: not loop.step() and not feed.left(), 60, lambda: f"{feed.left()} are left")
    assert registry.get_sample_value("cascade_commit_failures_total") == 1
    audit(settings).check(1000, delivery)
