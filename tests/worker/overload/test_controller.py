"""The overload controller and the cost model, on a simulated clock."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worker.overload.simulation import CASCADE, Batches, Simulation, World, arrivals
from worker.cascade.shedding import Cost
from worker.overload.controller import DRAIN, FLOOR, OverloadController
from worker.overload.cost_model import CostLine, CostModel
from worker.types import Floats, StageCall

OBJECTIVE_S = 1.0
WORLDS = [
    pytest.param(World(lag_every=every, at_once=at_once), id=f"lag {every} s old, {at_once} at once")
    for every in (0.0, 0.1, 0.5)
    for at_once in (1, 2)
]
OVER, AWHILE = 2.0, 40.0


def run(world: World, *phases: tuple[float, float], sheds: bool = True) -> Batches:
    """Simulate phases of these seconds at these shares of the capacity."""
    times: Floats = arrivals([(seconds, share * world.capacity()) for seconds, share in phases], seed=7)
    return Simulation(times, world, lambda clock: OverloadController(OBJECTIVE_S, sheds=sheds, clock=clock)).run()


@pytest.mark.parametrize("world", WORLDS)
def test_within_capacity_nothing_is_shed(world: World) -> None:
    """At half of the capacity nothing is shed."""
    assert sum(run(world, (AWHILE, 0.5)).shed) == 0


@pytest.mark.parametrize("world", WORLDS)
def test_constant_overload_settles_without_oscillating(world: World) -> None:
    """Under constant overload the backlog settles at one length, and latencies meet the objective."""
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
    """A burst of 2.5 times the capacity is shed while it lasts, and shedding ends soon after it."""
    met = run(world, (10, 0.25), (10, 2.5), (20, 0.25))
    assert met.shed_share(0, 10) == 0
    assert met.shed_share(11, 20) > 0.5
    assert met.shed_share(10 + 10 + 2 * OBJECTIVE_S, 40) == 0
    assert met.latency(13, 20) < OBJECTIVE_S
    assert met.latency(22, 40) < 0.5 * OBJECTIVE_S


def test_without_shedding_the_same_burst_is_late() -> None:
    """Without shedding the burst is labelled completely and late."""
    met = run(World(), (10, 0.25), (10, 2.5), (30, 0.25), sheds=False)
    assert sum(met.shed) == 0
    assert met.latency(15, 25) > 5 * OBJECTIVE_S
    assert met.latency(45, 50) < 0.5 * OBJECTIVE_S


@pytest.mark.parametrize("believed", [0.5, 2.0])
def test_a_wrong_cost_changes_the_latency_and_not_what_is_shed(believed: float) -> None:
    """A wrong cost of a stage changes the length of the backlog, not the share that is shed."""
    right, wrong = run(World(), (AWHILE, OVER)), run(World(believed=believed), (AWHILE, OVER))
    assert wrong.shed_share(10, AWHILE) == pytest.approx(right.shed_share(10, AWHILE), abs=0.05)
    assert wrong.latency(3, AWHILE) < OBJECTIVE_S


def test_a_load_beyond_the_first_stage_leaves_a_backlog_that_drains() -> None:
    """Beyond the first stage's capacity everything is shed and a backlog grows; afterwards it drains."""
    met = run(World(), (5, 0.5), (5, 6.0), (30, 0.5))
    assert met.shed_share(7, 10) == 1
    assert met.shed_share(30, 40) == 0
    assert met.latency(30, 40) < 0.5 * OBJECTIVE_S


def test_a_high_fixed_cost_makes_batches_large() -> None:
    """Where the broker takes 150 ms to acknowledge, batches grow to amortize it."""
    met = run(World(front=Cost(0.15, 0.00008)), (10, 0.1), (AWHILE, 1.3))
    assert np.median(met.sizes[met.began > 20]) > 500
    assert met.latency(20, 50) < 1.5 * OBJECTIVE_S


def test_batches_are_small_when_idle_and_large_under_backlog() -> None:
    """Batches are small on an idle worker and at their limit under a backlog."""
    met = run(World(), (10, 0.1), (20, OVER), sheds=False)
    assert np.median(met.sizes[met.began < 9]) < 20
    assert np.median(met.sizes[met.began > 20]) == 1024


@given(st.floats(0.01, 60), st.integers(1, 5000), st.booleans(), st.integers(0, 10**9))
def test_the_limit_is_a_batch(objective: float, most: int, sheds: bool, lag: int) -> None:
    """The limit stays between the floor and --batch-size for any objective and backlog."""
    controller = OverloadController(objective, most, sheds=sheds)
    controller.adopt(CASCADE)
    controller.polled({("t", 0): lag, ("t", 1): None})
    for seconds in (0.001, 10.0):
        assert min(FLOOR, most) <= controller.limit <= most
        controller.end(controller.begin(most), seconds, [StageCall("fast", most, seconds, np.zeros(most))])


def test_an_abandoned_batch_teaches_nothing() -> None:
    """A batch that is polled again because of an earlier one does not change the limit."""
    controller = OverloadController(1.0, 5000)
    before = controller.limit
    controller.abandon(controller.begin(100))
    assert controller.limit == before


def test_an_aborted_batch_teaches_its_size_and_no_cost() -> None:
    """The next batch is smaller, below the floor if need be; the broker's time is not taken for the records' cost."""
    controller = OverloadController(1.0, 5000, transaction_s=3.0)
    for _ in range(12):
        controller.abort(controller.begin(controller.limit), 60.0, [])
    assert controller.limit == 1
    cost = controller._whole.cost
    while controller.limit < 100:
        controller.end(controller.begin(controller.limit), 0.01, [], delivery_s=0.01)
    assert cost == OverloadController()._whole.cost


def test_without_shedding_no_stage_is_timed_and_no_batch_has_a_budget() -> None:
    """Without shedding a batch has no budget."""
    controller = OverloadController()
    controller.adopt(CASCADE)
    controller.polled({("t", 0): 10**9})
    assert controller.begin(1024).budget is None


true_costs = st.builds(Cost, st.floats(0, 0.1), st.floats(1e-5, 0.01))


@given(true_costs, st.integers(0, 1000))
def test_the_fit_recovers_the_true_cost(true: Cost, seed: int) -> None:
    """The fit recovers the true cost from calls of many sizes, after a bad prior."""
    line = CostLine([(1.0, 0.01), (64.0, 0.02)])
    for n in np.random.default_rng(seed).integers(10, 1000, 50).tolist():
        line.observe(n, true.seconds(n))
    assert line.cost.seconds(200) == pytest.approx(true.seconds(200), rel=0.25, abs=0.03)


@given(st.lists(st.tuples(st.integers(0, 5000), st.floats(0, 100))))
def test_a_fit_is_a_valid_cost_for_any_measurements(calls: list[tuple[int, float]]) -> None:
    """For any measurements the fixed cost is not negative and a tweet is not free."""
    line = CostLine([(1.0, 0.01), (64.0, 0.02)])
    for call in calls:
        line.observe(*call)
    assert line.cost.fixed >= 0
    assert line.cost.each > 0


def test_small_calls_do_not_distort_the_cost_under_load() -> None:
    """After many calls of one to three tweets, the cost of a hundred is still extrapolated well."""
    line = CostLine([(1.0, 0.01), (64.0, 0.04)])
    for n in range(10_000):
        line.observe(1 + n % 3, 0.01 + 0.0005 * (1 + n % 3))
    assert line.cost.seconds(100) == pytest.approx(0.06, rel=0.1)


def test_the_cost_model_learns_from_stage_calls() -> None:
    """Calls of the later stages change their costs; those of the first stage, which always runs, are ignored."""
    model = CostModel()
    model.adopt(CASCADE)
    p = np.zeros(10)
    model.observe([StageCall("strong", 10, 1.0, p), StageCall("fast", 10, 1.0, p)] * 4000)
    assert model.costs()["strong"].seconds(10) == pytest.approx(1.0, rel=0.01)
    assert "fast" not in model.costs()


def test_a_call_that_failed_is_not_a_cost() -> None:
    """Poison texts, each a call that fails at once, do not make a stage look cheap."""
    model = CostModel()
    model.adopt(CASCADE)
    before = model.costs()
    model.observe([StageCall("strong", 1, 0.0, None)] * 4000)
    assert model.costs() == before
