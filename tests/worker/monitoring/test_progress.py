"""Which partition is stuck, and which one only waits for its turn."""

from collections.abc import Collection

import pytest

from tests.worker.monitoring.test_health import Clock
from worker.monitoring.progress import PartitionProgress
from worker.types import Lag, Partition

BUSY, OTHER, LATE = ("t", 0), ("t", 1), ("t", 2)
BACKLOG: Lag = {BUSY: 900, OTHER: 900, LATE: 900}


class Scene:
    """A worker that polls every second and commits at once."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.progress = PartitionProgress(self.clock)

    def poll(self, polled: Collection[Partition], buffered: Collection[Partition], lag: Lag = BACKLOG) -> None:
        """Poll records of these partitions, and commit them."""
        self.clock.now += 1
        self.progress.polled(lag, set(polled), (), set(buffered))
        self.progress.committed(polled)

    def seconds(self, tp: Partition) -> float:
        """Return for how long the partition has made no progress."""
        return self.progress.waits()[tp]


@pytest.fixture
def scene() -> Scene:
    """Return a worker that has just started."""
    return Scene()


def test_a_stuck_partition_is_noticed_under_a_backlog(scene: Scene) -> None:
    """Full polls of the others do not hide a partition that no fetch brings."""
    for _ in range(40):
        scene.poll([BUSY], [OTHER])
        scene.poll([OTHER], [BUSY])
    assert scene.seconds(LATE) == pytest.approx(80, abs=2)
    assert scene.seconds(BUSY) <= 2


def test_a_partition_with_unreadable_records_is_noticed_under_a_backlog(scene: Scene) -> None:
    """Its records are fetched again and again, wait for their turn, and are discarded when it comes."""
    for _ in range(20):
        for _ in range(4):
            scene.poll([BUSY], [BUSY, LATE])
        scene.poll([], [])
    assert scene.seconds(LATE) == pytest.approx(100, abs=2)


def test_fetched_records_may_wait_for_long(scene: Scene) -> None:
    """With a slow cascade the records of other partitions take minutes, and a restart would help nobody."""
    for _ in range(600):
        scene.poll([BUSY], [BUSY, LATE])
    assert scene.seconds(LATE) < 2
    scene.progress.polled(BACKLOG, {LATE}, (), set())
    assert scene.seconds(LATE) < 2, "nor when it is in flight at last"


def test_a_partition_may_be_left_out_of_some_fetches(scene: Scene) -> None:
    """A broker that has more than fits into a response serves some partitions now and the others later."""
    for _ in range(4):
        for _ in range(100):
            scene.poll([BUSY], [BUSY, OTHER])
        scene.poll([OTHER], [BUSY])
        scene.poll([BUSY], [OTHER])
    assert scene.seconds(LATE) < 20


def test_what_is_in_flight_must_be_committed(scene: Scene) -> None:
    """Records that are polled and not committed wait, whatever is buffered."""
    for _ in range(50):
        scene.clock.now += 1
        scene.progress.polled(BACKLOG, set(), [BUSY], {OTHER})
    assert scene.seconds(BUSY) == pytest.approx(50, abs=2)


def test_an_empty_partition_does_not_wait(scene: Scene) -> None:
    """A partition is forgotten when nothing of it is left, or when it is assigned to another worker."""
    scene.poll([], [])
    scene.poll([BUSY], [], lag={BUSY: 1, OTHER: 0})
    assert scene.progress.waits().keys() == {BUSY}
