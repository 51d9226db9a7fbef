"""What the random share says of the stream."""

import numpy as np

from training.review.estimate import share


def test_the_interval_holds_as_often_as_it_says() -> None:
    """Of many samples, at least 95 % have an interval with the true share in it."""
    hits = np.random.default_rng(1).binomial(50, 0.9, 500)
    intervals = [share([True] * n + [False] * (50 - n)) for n in hits.tolist()]
    assert np.mean([one is not None and one.low <= 0.9 <= one.high for one in intervals]) >= 0.94


def test_nothing_is_said_without_a_sample() -> None:
    """A review that has only begun has no accuracy."""
    assert share([]) is None
    whole = share([True, True])
    assert whole is not None
    assert (whole.value, whole.high) == (1, 1)
