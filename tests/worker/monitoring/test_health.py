"""When a worker is alive, and when it is ready."""

import pytest

from tests.helpers import record
from worker.monitoring.health import Health


class Clock:
    """A clock that moves when it is told to."""

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
    """Return the health of a worker that just began, with a deadline of 60 s."""
    return Health(60, clock)


def test_it_is_ready_with_a_model_and_a_place_in_the_group(health: Health) -> None:
    """Until then no deployment may take the next worker down."""
    health.step("loading the artefact")
    assert len(health.why_not_ready()) == 2
    assert "loading the artefact" in health.why_not_ready()[0]
    health.loaded()
    health.polled({}, [], joined=False)
    assert len(health.why_not_ready()) == 1
    health.polled({}, [], joined=True)
    assert health.why_not_ready() == [], "a stand-by without partitions is ready to take some"
    health.polled({("t", 0): None}, [], joined=False)
    assert health.why_not_ready() == [], "in the middle of a rebalance it keeps its partitions"
    health.stopping()
    assert health.why_not_ready() == ["it is stopping"]


def test_a_loop_that_hangs_is_not_alive(health: Health, clock: Clock) -> None:
    """A classifier that never returns is ended by whoever watches, who reads where it hung."""
    health.step("classify")
    clock.now = 60
    assert health.why_not_live() == []
    clock.now = 61
    assert health.why_not_live() == ["no step of the loop for 61 s; it is at: classify"]
    health.step("poll")
    assert health.why_not_live() == []


def test_an_idle_worker_is_alive(health: Health, clock: Clock) -> None:
    """A topic without tweets is no reason to start anew."""
    for clock.now in range(0, 600, 10):
        health.step("poll")
        health.polled({("tweets", 0): 0}, [], joined=True)
    assert health.why_not_live() == []


@pytest.mark.parametrize("lag", [5, None])
def test_a_position_that_stands_still_while_records_wait_is_no_life(
    lag: int | None, health: Health, clock: Clock
) -> None:
    """A loop that turns without getting anywhere looks alive, and labels nothing."""
    health.polled({("tweets", 0): 5, ("tweets", 1): 5}, [], joined=True)
    for clock.now in range(0, 100, 10):
        health.step("poll")
        health.polled({("tweets", 0): lag, ("tweets", 1): 5}, [record(partition=1)], joined=True)
        health.done([record(partition=1)])
    assert health.why_not_live() == ["tweets-0 stands still for 90 s while records wait in it"]
    health.polled({("tweets", 1): 5}, [], joined=True)
    assert health.why_not_live() == [], "the partition went elsewhere"


def test_records_in_hand_wait_until_they_are_committed(health: Health, clock: Clock) -> None:
    """Polled to its end is not labelled to its end."""
    for clock.now in range(0, 100, 10):
        health.step("poll")
        health.polled({("tweets", 0): 0}, [record()], joined=True)
    assert len(health.why_not_live()) == 1
    health.done([record()])
    assert health.why_not_live() == []


def test_a_partition_that_waits_for_its_turn_is_no_reason_to_start_anew(clock: Clock) -> None:
    """A slow model with a backlog in many partitions works for minutes on one: a new start would not help."""
    health = Health(60, clock)
    backlog = {("tweets", 0): 500, ("tweets", 1): 500}
    for clock.now in range(0, 100, 10):
        batch = [record(offset=int(clock.now)), record(offset=int(clock.now) + 1)]
        health.step("poll")
        health.polled(backlog, batch, joined=True, full=True)
        health.done(batch)
    assert health.why_not_live() == []
    for clock.now in range(100, 200, 10):
        health.step("poll")
        health.polled(backlog, [record()], joined=True)
        health.done([record()])
    assert [problem.split()[0] for problem in health.why_not_live()] == ["tweets-1"]
