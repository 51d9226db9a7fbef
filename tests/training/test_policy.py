"""Where the fast stage hands over."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.policy import OperatingPoint, choose, curve

columns = st.integers(1, 60).flatmap(
    lambda n: st.tuples(*(st.lists(st.floats(0, 1), min_size=n, max_size=n) for _ in range(2)),
                        st.lists(st.integers(0, 1), min_size=n, max_size=n))
)  # fmt: skip


@given(columns, st.floats(0, 1))
def test_no_point_defers_more_than_allowed(
    data: tuple[list[float], list[float], list[int]], max_deferral: float
) -> None:
    """The limit is a promise about cost."""
    fast, strong, targets = (np.array(column) for column in data)
    points = curve(fast, strong, targets, max_deferral)
    assert all(point.deferral <= max_deferral + 1e-9 for point in points)
    assert points[0].deferral == 0
    assert points[0].accuracy == ((fast >= 0.5) == targets).mean()


@given(columns)
def test_what_is_deferred_is_what_the_fast_stage_is_least_sure_of(
    data: tuple[list[float], list[float], list[int]],
) -> None:
    """No tweet is deferred while a less certain one is not."""
    fast, strong, targets = (np.array(column) for column in data)
    confidence = np.maximum(fast, 1 - fast)
    for point in curve(fast, strong, targets, 1.0):
        deferred = confidence < point.threshold
        assert confidence[deferred].max(initial=0) <= confidence[~deferred].min(initial=1)


def test_a_strong_stage_that_helps_is_used_where_the_fast_one_doubts() -> None:
    """The very case the cascade is for."""
    fast, strong = np.array([0.99, 0.55, 0.45, 0.01]), np.array([0.0, 0.1, 0.9, 1.0])
    point = choose(curve(fast, strong, np.array([1, 0, 1, 0]), 1.0))
    assert (point.deferral, point.accuracy) == (0.5, 1.0)


def test_of_equals_the_cheapest_is_chosen() -> None:
    """Compute is not free."""
    points = [OperatingPoint(0.9, 0.4, 0.8), OperatingPoint(0.6, 0.1, 0.8), OperatingPoint(0.5, 0.0, 0.7)]
    assert choose(points).deferral == pytest.approx(0.1)
