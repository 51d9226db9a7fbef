"""The control of the overruled share, on simulated streams."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from tests.helpers import cascade
from tests.worker.monitoring.stream_simulation import (
    ENGLISH,
    LIMIT,
    READABLE_SPANISH,
    SPANISH,
    Kind,
    Simulation,
)
from worker.cascade.ladder import Ladder, Outcomes
from worker.cascade.shedding import Budget, Cost
from worker.monitoring.promise import ERROR, SegmentPromise

UNREAD, READ = "known_0_50", "known_70_100"
seeds = st.integers(0, 2**32 - 1)


def outcomes(draw: np.random.Generator, shares: list[float], tweets: int) -> Outcomes:
    """Return tweets that every level but the last decides, each wrong with the share of its level."""
    overruled = draw.random((tweets, 1)) < np.array([*shares, 0.0])
    early = np.ones_like(overruled)
    early[:, -1] = False
    return Outcomes(early, overruled)


def test_a_stream_that_keeps_the_promise_is_left_alone() -> None:
    """Exactly at the promised share, where errors are likeliest, fewer segments than stated ever move."""
    draw, ladder, moved, segments = np.random.default_rng(0), Ladder(cascade().stages), 0, 400
    for _ in range(segments):
        promise = SegmentPromise(LIMIT, ladder)
        moved += any(promise.observe(outcomes(draw, [LIMIT] * 4, 20)) for _ in range(200))
    assert moved <= binom.ppf(0.9999, segments, ERROR)


def test_no_level_is_entered_that_breaks_the_promise() -> None:
    """After a move up, fewer segments than stated ever enter a level whose share is at its limit: twice for level 0."""
    draw, ladder, entered, segments = np.random.default_rng(1), Ladder(cascade().stages), 0, 400
    for _ in range(segments):
        promise = SegmentPromise(LIMIT, ladder)
        assert promise.observe(outcomes(draw, [1.0] * 4, 100))
        entered += any(promise.observe(outcomes(draw, [2 * LIMIT, *[LIMIT] * 3], 20)) for _ in range(200))
    assert entered <= binom.ppf(0.9999, segments, ERROR)


def test_the_lowest_level_that_holds_is_found() -> None:
    """A segment goes to the lowest level that keeps the promise, and down again when a lower one does."""
    draw, promise = np.random.default_rng(2), SegmentPromise(LIMIT, Ladder(cascade().stages))
    assert promise.observe(outcomes(draw, [0.5, 0.3, 0.005, 0.0], 200))
    assert promise.level == 4
    for _ in range(100):
        promise.observe(outcomes(draw, [0.5, 0.3, 0.005, 0.0], 20))
    assert promise.level == 2
    for _ in range(300):
        promise.observe(outcomes(draw, [0.005, 0.003, 0.0, 0.0], 20))
    assert promise.level == 0


def test_each_relapse_makes_the_return_harder() -> None:
    """The bands as trained return below twice the promise at first; after relapses, only below the promise itself."""
    draw, promise, lowest = np.random.default_rng(3), SegmentPromise(LIMIT, Ladder(cascade().stages)), []
    for _ in range(4):
        promise.observe(outcomes(draw, [1.0, 0.0, 0.0, 0.0], 500))
        levels = []
        for _ in range(100):
            promise.observe(outcomes(draw, [1.3 * LIMIT, 0.0, 0.0, 0.0], 50))
            levels.append(promise.level)
        lowest.append(min(levels))
    assert lowest == [0, 1, 1, 1]


@settings(max_examples=10)
@given(seeds, st.floats(0.15, 0.6), st.booleans())
def test_a_stream_that_turns_is_held(seed: int, wrong: float, certain: bool) -> None:
    """English, then Spanish, then both: the promise holds after at most 2,000 audits, and English costs no more."""
    stream, spanish = Simulation(seed=seed), Kind(0.2, wrong, certain)
    before = stream.run(ENGLISH, batches=60)
    assert (before.moves, stream.widths()[READ]) == (0, 0)
    turning = stream.run(spanish, batches=60)
    assert stream.exceeded() == {UNREAD}
    assert turning.audits_to_last_move <= 2_000
    assert stream.widths()[UNREAD] == (1 if certain else pytest.approx(0.5, abs=0.25))
    held = stream.run(spanish, ENGLISH, batches=60)
    assert held.overruled_share <= LIMIT
    assert held.moves == 0
    assert stream.widths()[READ] == 0


@settings(max_examples=5)
@given(seeds)
def test_the_bands_return_when_the_stream_does(seed: int) -> None:
    """When the segment's tweets are as training promised again, the bands are as trained again, and stay so."""
    stream = Simulation(seed=seed)
    stream.run(ENGLISH, SPANISH, batches=30)
    assert stream.widths()[UNREAD] > 0
    back = stream.run(READABLE_SPANISH, batches=200)
    assert stream.widths() == dict.fromkeys(stream.widths(), 0)
    assert back.audits_to_last_move <= 2_000
    assert not stream.exceeded()
    assert stream.run(READABLE_SPANISH, batches=100).moves == 0


@pytest.mark.parametrize("wrong", [0.5 * LIMIT, 0.9 * LIMIT, LIMIT, 1.1 * LIMIT, 1.5 * LIMIT])
def test_bands_do_not_swing(wrong: float) -> None:
    """However near the share is to the limit, a stream that does not change moves the bands a few times at most."""
    stream = Simulation(seed=5, share=0.2)
    first = stream.run(Kind(0.2, wrong), batches=300)
    assert first.moves <= 6, "up, down in steps, and once again for a share between the promise and twice the promise"
    assert stream.run(Kind(0.2, wrong), batches=100).moves <= 1


def test_a_stream_that_alternates_costs_a_move_or_two_a_change() -> None:
    """Each change of the stream moves the bands at most up and down again; there is no swing of their own."""
    stream, moves = Simulation(seed=6), []
    for _ in range(6):
        moves.append(stream.run(SPANISH, batches=40).moves)
        moves.append(stream.run(READABLE_SPANISH, batches=200).moves)
    assert max(moves) <= 4


def test_the_last_word_is_overloads() -> None:
    """With time for few deferrals, widened bands shed, and say so; the evidence goes on within the bounded cost."""
    stream, budget = Simulation(seed=7), Budget(0.05, {"use": Cost(0, 0.001)})
    turned = stream.run(SPANISH, batches=60, budget=budget)
    assert stream.exceeded() == {UNREAD}
    assert turned.shed > 0.5 * turned.tweets
    assert turned.asked <= turned.tweets * (50 / 500 + 0.06)
    stream.run(READABLE_SPANISH, batches=600, budget=budget)
    assert not stream.exceeded()


def test_report_changes_no_band() -> None:
    """Under `--on-drift report` the evidence is shown, and the bands stay as trained."""
    stream = Simulation(seed=8, adapts=False)
    turned = stream.run(SPANISH, batches=60)
    assert stream.exceeded() == {UNREAD}
    assert set(stream.widths().values()) == {0}
    assert turned.overruled_share == pytest.approx(0.45, abs=0.03)


def test_a_small_segment_is_noticed() -> None:
    """A segment of a hundredth of the tweets is found to break the promise at one audit in a hundred tweets."""
    stream = Simulation(seed=9, share=0.01)
    phase = stream.run(SPANISH, *[ENGLISH] * 99, batches=400)
    assert stream.exceeded() == {UNREAD}
    assert stream.widths()[READ] == 0
    assert phase.asked - 0.2 * phase.tweets <= 0.03 * phase.tweets
