"""Shedding."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import Band
from tests.helpers import FixedClassifier
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.shedding import Budget, Cost, least_certain
from worker.cascade.stage import Stage
from worker.stream.poison import predict_each
from worker.types import Prediction

shares = st.floats(0, 1)
bands = st.tuples(shares, shares).map(lambda ends: Band(low=min(ends), high=max(ends)))
costs = st.builds(Cost, st.floats(0, 1), st.floats(0, 1))
NAMES = ("fast", "middle", "strong")
Tweets = list[tuple[float, float, float]]


class Counting(FixedClassifier):
    """A fixed classifier that records the size of each call."""

    def __init__(self, probabilities: dict[str, float]) -> None:
        super().__init__(probabilities)
        self.calls: list[int] = []

    def predict_proba(self, texts, /):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        """Look the texts up."""
        self.calls.append(len(texts))
        return super().predict_proba(texts)


def three_stages(tweets: Tweets, first: Band, second: Band) -> ThresholdCascade:
    """Return a cascade whose stages give tweet n, whose text is its number, the n-th probabilities."""
    columns = list(zip(*tweets, strict=True)) or [(), (), ()]
    said = [Counting({str(n): p for n, p in enumerate(column)}) for column in columns]
    return ThresholdCascade([Stage(*facts) for facts in zip(NAMES, said, (first, second, None), strict=True)], "v")


def texts_of(tweets: Tweets) -> list[str]:
    """Return their texts."""
    return [str(n) for n in range(len(tweets))]


@given(st.lists(shares), bands, st.integers(0, 60))
def test_the_least_certain_are_deferred_and_no_more_than_allowed(p: list[float], band: Band, most: int) -> None:
    """The mask has exactly `most` entries, the least certain ones; ties go to the first."""
    chosen = least_certain(np.array(p), band, most)
    middle = (band.low + band.high) / 2
    order = sorted(range(len(p)), key=lambda n: (abs(p[n] - middle), n))
    assert set(np.flatnonzero(chosen)) == set(order[:most])


@given(costs, st.floats(-1, 100), st.integers(0, 1000))
def test_a_call_takes_no_longer_than_it_may(cost: Cost, seconds: float, wanted: int) -> None:
    """A budget admits as many tweets as it pays for, and not one fewer."""
    admitted = cost.tweets(seconds, wanted)
    assert 0 <= admitted <= wanted
    assert admitted == 0 or cost.seconds(admitted) <= seconds * (1 + 1e-9) + 1e-12
    assert admitted == wanted or cost.seconds(admitted + 1) > seconds - 1e-9


@given(st.lists(st.tuples(shares, shares, shares)), bands, bands, st.tuples(costs, costs), st.floats(-1, 20))
def test_no_more_is_deferred_than_the_budget_pays_for(
    tweets: Tweets, first: Band, second: Band, prices: tuple[Cost, Cost], seconds: float
) -> None:
    """For any probabilities each tweet has a label, the calls fit the budget, and the least certain are deferred."""
    cascade = three_stages(tweets, first, second)
    told = cascade.predict(texts_of(tweets), Budget(seconds, dict(zip(NAMES[1:], prices, strict=True)))).predictions
    assert len(told) == len(tweets)
    calls = [stage.classifier.calls for stage in cascade.stages[1:]]  # type: ignore[attr-defined]
    spent = sum(cost.seconds(n) for cost, sizes in zip(prices, calls, strict=True) for n in sizes)
    assert spent <= max(0.0, seconds) * (1 + 1e-9) + 1e-9
    for index, band in enumerate((first, second)):
        middle, stage = (band.low + band.high) / 2, NAMES[index]
        reached = [(said[index], t) for said, t in zip(tweets, told, strict=True) if NAMES.index(t.stage) >= index]
        stayed = [abs(p - middle) for p, t in reached if t.stage == stage and t.shed]
        went_on = [abs(p - middle) for p, t in reached if t.stage != stage]
        assert not stayed or max(went_on, default=0.0) <= min(stayed)
        assert all(t.shed == (band.low < p < band.high) for p, t in reached if t.stage == stage)
    assert not any(t.shed for t in told if t.stage == "strong"), "there is no stage to defer to"


@given(st.lists(st.tuples(shares, shares, shares)), bands, bands)
def test_with_time_for_all_nothing_changes(tweets: Tweets, first: Band, second: Band) -> None:
    """A budget that pays for everything changes nothing."""
    texts, cascade = texts_of(tweets), three_stages(tweets, first, second)
    plain = cascade.predict(texts).predictions
    budget = Budget(1e9, {name: Cost(0.1, 1) for name in NAMES})
    assert cascade.predict(texts, budget).predictions == plain
    assert not any(told.shed for told in plain)


def test_what_is_shed_keeps_the_label_of_the_stage_it_got_to() -> None:
    """A shed tweet keeps the label of the stage that it reached."""
    band = Band(low=0.2, high=0.8)
    cascade = three_stages([(0.9, 0.9, 0.9), (0.5, 0.45, 0.1), (0.5, 0.7, 0.1)], band, band)
    budget = Budget(1.0, {"middle": Cost(0, 0.1), "strong": Cost(0.2, 0.5)})
    told = cascade.predict(["0", "1", "2"], budget).predictions
    assert told == [
        Prediction(1, 0.9, "fast"),
        Prediction(0, 0.1, "strong"),
        Prediction(1, 0.7, "middle", shed=True),
    ]


def test_a_call_that_fails_buys_no_extra_time() -> None:
    """The budget of a batch is spent once, also where a stage call fails and its halves are asked."""
    tweets = [(0.5, 0.9, 0.9)] * 8
    cascade = three_stages(tweets, Band(low=0.4, high=0.6), Band(low=0.4, high=0.6))
    fails = [ValueError("once")]

    class Fragile(FixedClassifier):
        def predict_proba(self, texts, /):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            if fails:
                raise fails.pop()
            return super().predict_proba(texts)

    first = Stage("fast", Fragile(default=0.5), cascade.stages[0].band)
    told = predict_each(
        ThresholdCascade([first, *cascade.stages[1:]], "v"), texts_of(tweets), Budget(4.0, {"middle": Cost(0, 1.0)})
    ).outcomes()
    assert [isinstance(t, Prediction) and t.shed for t in told] == [False] * 4 + [True] * 4


@pytest.mark.parametrize("stage", NAMES)
def test_a_stage_that_costs_nothing_takes_all(stage: str) -> None:
    """A stage of cost zero admits everything, without a division by zero."""
    assert Budget(0.0, {stage: Cost()}).admits(stage, 5) == 5
