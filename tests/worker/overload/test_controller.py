"""How a worker meets load, on a simulated clock."""

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worker.overload.simulation import CASCADE, Batches, Simulation, World, arrivals
from worker.cascade.shedding import Cost
from worker.overload.controller import DRAIN, FLOOR, Pacer
from worker.overload.cost_model import Costs, Line
from worker.types import Floats

OBJECTIVE_S = 1.0
WORLDS = [
    pytest.param(World(lag_every=every, at_once=at_once), id=f"lag {every} s old, {at_once} at once")
    for every in (0.0, 0.1, 0.5)
    for at_once in (1, 2)
]
OVER, AWHILE = 2.0, 40.0


def run(world: World, *phases: tuple[float, float], sheds: bool = True) -> Batches:
    """Have a worker meet phases of so many seconds, at such a share of its capacity."""
    times: Floats = arrivals([(seconds, share * world.capacity()) for seconds, share in phases], seed=7)
    return Simulation(times, world, lambda clock: Pacer(OBJECTIVE_S, sheds=sheds, clock=clock)).run()


@pytest.mark.parametrize("world", WORLDS)
def test_within_capacity_nothing_is_shed(world: World) -> None:
    """Shedding costs accuracy: at half of the capacity there is no reason for it."""
    assert sum(run(world, (AWHILE, 0.5)).shed) == 0


@pytest.mark.parametrize("world", WORLDS)
def test_constant_overload_settles_without_oscillating(world: World) -> None:
    """What waits stays near one length, and the objective is held but for the first moments."""
    met = run(world, (AWHILE, OVER))
    settled = met.waiting[met.began > 10]
    assert np.std(settled) < 0.2 * np.mean(settled)
    assert met.waiting.max() < 1.5 * np.mean(settled), "no overshoot"
    assert np.mean(settled) < 2 * OVER * world.capacity() * DRAIN * OBJECTIVE_S
    assert met.latency(3, AWHILE) < OBJECTIVE_S
    halves = [met.shed_share(10, 25), met.shed_share(25, AWHILE)]
    assert halves == pytest.approx([np.mean(halves)] * 2, abs=0.05)
    assert 0.5 < halves[0] < 0.9


@pytest.mark.parametrize("world", WORLDS)
def test_a_tenfold_burst_passes(world: World) -> None:
    """From a quarter of the capacity to two and a half times it: shed while it lasts, and not at all soon after."""
    met = run(world, (10, 0.25), (10, 2.5), (20, 0.25))
    assert met.shed_share(0, 10) == 0
    assert met.shed_share(11, 20) > 0.5
    assert met.shed_share(10 + 10 + 2 * OBJECTIVE_S, 40) == 0
    assert met.latency(13, 20) < OBJECTIVE_S
    assert met.latency(22, 40) < 0.5 * OBJECTIVE_S


def test_without_shedding_the_same_burst_waits() -> None:
    """The comparison: all tweets get the cascade's best, and the last of them comes late."""
    met = run(World(), (10, 0.25), (10, 2.5), (30, 0.25), sheds=False)
    assert sum(met.shed) == 0
    assert met.latency(15, 25) > 5 * OBJECTIVE_S
    assert met.latency(45, 50) < 0.5 * OBJECTIVE_S


@pytest.mark.parametrize("believed", [0.5, 2.0])
def test_a_wrong_cost_changes_the_latency_and_not_what_is_shed(believed: float) -> None:
    """What waits makes up for it: a stage that is taken to be dearer than it is meets a shorter queue."""
    right, wrong = run(World(), (AWHILE, OVER)), run(World(believed=believed), (AWHILE, OVER))
    assert wrong.shed_share(10, AWHILE) == pytest.approx(right.shed_share(10, AWHILE), abs=0.05)
    assert wrong.latency(3, AWHILE) < OBJECTIVE_S


def test_more_than_the_first_stage_can_do_ends_in_a_backlog_that_is_worked_off() -> None:
    """There is nothing left to shed then; all is labelled, and afterwards the worker is as it was."""
    met = run(World(), (5, 0.5), (5, 6.0), (30, 0.5))
    assert met.shed_share(7, 10) == 1
    assert met.shed_share(30, 40) == 0
    assert met.latency(30, 40) < 0.5 * OBJECTIVE_S


def test_a_batch_that_costs_much_for_itself_makes_batches_large() -> None:
    """A broker that takes 150 ms to acknowledge: small batches would do little else than wait for it."""
    met = run(World(front=Cost(0.15, 0.00008)), (10, 0.1), (AWHILE, 1.3))
    assert np.median(met.sizes[met.began > 20]) > 500
    assert met.latency(20, 50) < 1.5 * OBJECTIVE_S


def test_batches_are_small_when_idle_and_large_under_backlog() -> None:
    """An idle worker answers at once; one with a backlog does much at a time."""
    met = run(World(), (10, 0.1), (20, OVER), sheds=False)
    assert np.median(met.sizes[met.began < 9]) < 20
    assert np.median(met.sizes[met.began > 20]) == 1024


@given(st.floats(0.01, 60), st.integers(1, 5000), st.booleans(), st.integers(0, 10**9))
def test_the_limit_is_a_batch(objective: float, most: int, sheds: bool, lag: int) -> None:
    """Never none, never more than --batch-size, whatever the objective and the backlog."""
    pacer = Pacer(objective, most, sheds=sheds)
    pacer.adopt(CASCADE)
    pacer.polled({("t", 0): lag, ("t", 1): None})
    for seconds in (0.001, 10.0):
        assert min(FLOOR, most) <= pacer.limit <= most
        pacer.end(pacer.begin(most), seconds, {"fast": most})


def test_a_batch_that_was_given_up_teaches_nothing() -> None:
    """An aborted transaction took as long as it took for the broker's sake."""
    pacer = Pacer(1.0, 5000)
    before = pacer.limit
    pacer.end(pacer.begin(100), 60.0, None)
    assert pacer.limit == before


def test_without_shedding_no_stage_is_timed_and_no_batch_has_a_budget() -> None:
    """The default costs nothing."""
    pacer = Pacer()
    pacer.adopt(CASCADE)
    pacer.polled({("t", 0): 10**9})
    assert pacer.begin(1024).budget is None


true_costs = st.builds(Cost, st.floats(0, 0.1), st.floats(1e-5, 0.01))


@given(true_costs, st.integers(0, 1000))
def test_costs_are_found_again(true: Cost, seed: int) -> None:
    """From calls of many sizes, after a bad guess, which keeps a say in what a call costs for itself."""
    line = Line([(1.0, 0.01), (64.0, 0.02)])
    for n in np.random.default_rng(seed).integers(10, 1000, 50).tolist():
        line.saw(n, true.seconds(n))
    assert line.cost.seconds(200) == pytest.approx(true.seconds(200), rel=0.25, abs=0.03)


@given(st.lists(st.tuples(st.integers(0, 5000), st.floats(0, 100))))
def test_costs_are_costs_whatever_was_measured(calls: list[tuple[int, float]]) -> None:
    """A clock that stutters makes no negative seconds and no free tweets."""
    line = Line([(1.0, 0.01), (64.0, 0.02)])
    for call in calls:
        line.saw(*call)
    assert line.cost.fixed >= 0
    assert line.cost.each > 0


def test_small_calls_are_not_taken_for_what_load_costs() -> None:
    """After an hour of single tweets, 10 ms each, a batch of a hundred is not expected to take a second."""
    line = Line([(1.0, 0.01), (64.0, 0.04)])
    for n in range(10_000):
        line.saw(1 + n % 3, 0.01 + 0.0005 * (1 + n % 3))
    assert line.cost.seconds(100) == pytest.approx(0.06, rel=0.1)


def test_costs_may_be_told_from_many_threads() -> None:
    """Stages run in a pool; no call is lost between two of them."""
    costs = Costs()
    costs.adopt(CASCADE)

    def tell() -> None:
        for _ in range(500):
            costs.took("strong", 10, 1.0)

    threads = [threading.Thread(target=tell) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert costs.now()["strong"].seconds(10) == pytest.approx(1.0, rel=0.01)
    assert "fast" not in costs.now(), "the first stage has no choice"
