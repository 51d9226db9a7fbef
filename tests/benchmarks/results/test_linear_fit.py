"""The linear fit."""

import pytest

from benchmarks.results.linear_fit import fit_line


def test_a_fit_has_its_coefficients_and_r_squared() -> None:
    """R^2 is 1 on a line and 0 for no linear relation: the claim that time is proportional to a backlog rests on it."""
    line = fit_line([1, 2, 4], [12, 14, 18])
    assert line == pytest.approx((10, 2, 1))
    assert line.at(10) == pytest.approx(30)
    assert fit_line([1, 2, 3], [1, 5, 1]).r_squared == pytest.approx(0, abs=1e-9)
