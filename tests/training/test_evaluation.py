"""Metrics and intervals."""

import numpy as np
import pytest

from training.evaluation import accuracy_difference, accuracy_interval, calibration_error, evaluate, scores


def test_scores_of_a_small_case_by_hand() -> None:
    """Accuracy and weighted precision, recall and F1 equal the figures computed by hand."""
    found = scores([0, 0, 0, 1, 1], [0, 0, 1, 1, 0])
    assert found["accuracy"] == pytest.approx(3 / 5)
    assert found["precision"] == pytest.approx((3 * 2 / 3 + 2 * 1 / 2) / 5)
    assert found["recall"] == pytest.approx(3 / 5)
    assert found["f1"] == pytest.approx((3 * 2 / 3 + 2 * 1 / 2) / 5)


def test_metrics_of_probabilities_by_hand() -> None:
    """AUC, Brier score, calibration error and macro F1 equal the figures computed by hand."""
    targets, p = np.array([0, 0, 1, 1]), np.array([0.1, 0.6, 0.55, 1.0])
    found = evaluate(targets, p)
    assert found["accuracy"] == 0.75
    assert found["roc_auc"] == 0.75
    assert found["brier"] == pytest.approx((0.01 + 0.36 + 0.2025 + 0) / 4)
    assert found["ece"] == pytest.approx((0.1 + 0.6 + 0.45 + 0) / 4)
    assert found["f1_macro"] == pytest.approx((2 / 3 + 4 / 5) / 2)


def test_calibrated_probabilities_have_no_calibration_error() -> None:
    """7 disasters of 10 at a probability of 0.7 have no calibration error; at a probability of 1 the error is 0.3."""
    targets = np.array([1] * 7 + [0] * 3)
    assert calibration_error(targets, np.full(10, 0.7)) == pytest.approx(0)
    assert calibration_error(targets, np.ones(10)) == pytest.approx(0.3)


def test_the_interval_is_about_two_standard_errors_wide() -> None:
    """Of 762 tweets, 80 % right: 1.45 points of standard error, so some 77.2 to 82.8 %."""
    low, high = accuracy_interval(np.arange(762) < 610)
    assert [low, high] == pytest.approx([0.772, 0.828], abs=0.003)


def test_a_difference_is_paired() -> None:
    """A difference is significant for models that err on the same tweets, and not for models that err on others."""
    reference = np.arange(1000) >= 200
    better = np.arange(1000) >= 170
    difference, low, high = accuracy_difference(better, reference)
    assert difference == pytest.approx(0.03)
    assert 0 < low < difference < high
    _, low, _ = accuracy_difference(better[::-1], reference)
    assert low < 0


def test_a_model_does_not_differ_from_itself() -> None:
    """The difference of a model to itself is 0, with the interval 0 to 0."""
    right = np.arange(10) > 3
    assert accuracy_difference(right, right) == (0, 0, 0)
