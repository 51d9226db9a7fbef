"""Scores."""

import pytest

from training.evaluation import scores


def test_scores_of_a_small_case_by_hand() -> None:
    """Two of three zeros and one of two ones are right: the figures that the report shows."""
    found = scores([0, 0, 0, 1, 1], [0, 0, 1, 1, 0])
    assert found["accuracy"] == pytest.approx(3 / 5)
    assert found["precision"] == pytest.approx((3 * 2 / 3 + 2 * 1 / 2) / 5)
    assert found["recall"] == pytest.approx(3 / 5)
    assert found["f1"] == pytest.approx((3 * 2 / 3 + 2 * 1 / 2) / 5)
