"""Liveness and readiness."""

import pytest

from tests.helpers import record
from worker.monitoring.health import Health
from worker.types import HeldBack, SourceStatus

JOINED = SourceStatus(joined=True)


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Return a clock at 0."""
    return Clock()


@pytest.fixture
def health(clock: Clock) -> Health:
    """Return the health of a worker that has just started, with a deadline of 60 s."""
    return Health(60, clock)


def test_it_is_ready_with_a_model_and_a_place_in_the_group(health: Health) -> None:
    """A worker is ready once its artifact is loaded and it is a member of its group, until it is stopping."""
    health.begin("loading the artifact")
    assert len(health.readiness_problems()) == 2
    assert "loading the artifact" in health.readiness_problems()[0]
    health.loaded()
    health.polled({}, [], SourceStatus(joined=False))
    assert len(health.readiness_problems()) == 1
    health.polled({}, [], JOINED)
    assert health.readiness_problems() == [], "a standby without partitions is ready"
    health.polled({("t", 0): None}, [], SourceStatus(joined=False))
    assert health.readiness_problems() == [], "in a rebalance it keeps its partitions"
    health.stopping()
    assert health.readiness_problems() == ["the worker is stopping"]


def test_a_loop_that_hangs_is_not_alive(health: Health, clock: Clock) -> None:
    """A main loop that hangs is not live, and the problem names the operation."""
    health.begin("classify")
    clock.now = 60
    assert health.liveness_problems() == []
    clock.now = 61
    assert health.liveness_problems() == ["the main loop has made no progress for 61 s (current operation: classify)"]
    health.begin("poll")
    assert health.liveness_problems() == []


@pytest.mark.parametrize("operation", ["publish", "commit"])
def test_a_broker_that_does_not_acknowledge_makes_it_unready(health: Health, clock: Clock, operation: str) -> None:
    """The loop waits in the batch, so no poll notices that the broker is frozen or lacks replicas."""
    health.loaded()
    health.polled({}, [], JOINED)
    health.begin(operation)
    clock.now = 30
    assert health.readiness_problems() == []
    clock.now = 31
    assert health.readiness_problems() == [f"the broker has not acknowledged for 31 s ({operation})"]
    health.begin("classify")
    clock.now = 99
    assert health.readiness_problems() == [], "a slow model is not the broker's fault"


def test_an_idle_worker_is_alive(health: Health, clock: Clock) -> None:
    """A worker without records stays live."""
    for clock.now in range(0, 600, 10):
        health.begin("poll")
        health.polled({("tweets", 0): 0}, [], JOINED)
    assert health.liveness_problems() == []


@pytest.mark.parametrize("lag", [5, None])
def test_a_partition_without_progress_while_records_wait_is_not_live(
    lag: int | None, health: Health, clock: Clock
) -> None:
    """A partition that makes no progress while records wait in it makes the worker not live."""
    health.polled({("tweets", 0): 5, ("tweets", 1): 5}, [], JOINED)
    for clock.now in range(0, 100, 10):
        health.begin("poll")
        health.polled({("tweets", 0): lag, ("tweets", 1): 5}, [record(partition=1)], JOINED)
        health.committed([record(partition=1)])
    assert health.liveness_problems() == ["tweets-0 has made no progress for 90 s while records wait in it"]
    health.polled({("tweets", 1): 5}, [], JOINED)
    assert health.liveness_problems() == [], "the partition is not assigned any more"


def test_records_in_flight_wait_until_they_are_committed(health: Health, clock: Clock) -> None:
    """Records count as waiting until they are committed, not until they are polled."""
    for clock.now in range(0, 100, 10):
        health.begin("poll")
        health.polled({("tweets", 0): 0}, [record()], JOINED)
    assert len(health.liveness_problems()) == 1
    health.committed([record()])
    assert health.liveness_problems() == []


def test_a_partition_that_waits_for_its_turn_is_live(clock: Clock) -> None:
    """With a backlog in all partitions, one whose fetched records wait for a later poll does not count as stuck."""
    health = Health(60, clock)
    backlog = {("tweets", 0): 500, ("tweets", 1): 500}
    waits = SourceStatus(joined=True, buffered={("tweets", 0), ("tweets", 1)})
    for clock.now in range(0, 100, 10):
        batch = [record(offset=int(clock.now)), record(offset=int(clock.now) + 1)]
        health.begin("poll")
        health.polled(backlog, batch, waits)
        health.committed(batch)
    assert health.liveness_problems() == []
    for clock.now in range(100, 200, 10):
        health.begin("poll")
        health.polled(backlog, [record()], JOINED)
        health.committed([record()])
    assert [problem.split()[0] for problem in health.liveness_problems()] == ["tweets-1"]


def test_a_worker_without_a_broker_is_neither_ready_nor_live(health: Health) -> None:
    """A short outage is harmless; a longer one makes it not ready, and one beyond the deadline not live."""
    health.loaded()
    for seconds, unready, dead in ((5, 0, 0), (30, 1, 0), (61, 1, 1)):
        line = f"no broker has answered for {seconds} s"
        health.polled({("t", 0): 0}, [], SourceStatus(joined=True, silent_s=seconds))
        assert (health.readiness_problems(), health.liveness_problems()) == ([line] * unready, [line] * dead)
    health.polled({("t", 0): 0}, [], JOINED)
    assert health.readiness_problems() == health.liveness_problems() == []


def test_a_worker_without_its_topic_is_not_ready(health: Health) -> None:
    """A deleted input topic leaves a member of the group without partitions, as a standby is; the reason tells them."""
    health.loaded()
    health.polled({}, [], SourceStatus(joined=True, missing_topics=["tweets"]))
    assert health.readiness_problems() == ["the input topic tweets does not exist any more"]
    assert health.liveness_problems() == [], "a restart does not create it"
    health.polled({}, [], JOINED)
    assert health.readiness_problems() == []


def test_an_open_transaction_on_the_input_is_noted_and_harmless(health: Health) -> None:
    """A restart ends no transaction of a producer: the worker stays live and ready, and says what it waits for."""
    health.loaded()
    held = {("tweets", 1): HeldBack(12, 400.0), ("tweets", 0): HeldBack(3, 2.0)}
    health.polled({("tweets", 0): 0, ("tweets", 1): 0}, [], SourceStatus(joined=True, held_back=held))
    assert health.liveness_problems() == health.readiness_problems() == []
    assert health.notes() == ["tweets-1: an open transaction of a producer has held back 12 records for 400 s"]
