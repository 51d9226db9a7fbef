"""Accuracy and cost of chains."""

import pytest

from training.cascade.measurement import seconds_per_tweet


def test_the_cost_of_the_worked_example() -> None:
    """The cost per tweet is the sum of reach times seconds, as `seconds_per_tweet` explains."""
    assert seconds_per_tweet([1.0, 0.4, 0.2], [10e-6, 100e-6, 1000e-6]) == pytest.approx(250e-6)
