"""Least-squares fit of a straight line. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class LinearFit(NamedTuple):
    """y = intercept + slope * x, and R^2, the share of y's variance that the line explains."""

    intercept: float
    slope: float
    r_squared: float

    def at(self, x: float) -> float:
        """Return y at x."""
        return self.intercept + self.slope * x


def fit_line(x: Sequence[float], y: Sequence[float]) -> LinearFit:
    """Fit a line by least squares to at least two points with different x."""
    slope, intercept = np.polyfit(x, y, 1)
    residuals = np.asarray(y) - (intercept + slope * np.asarray(x))
    variance = float(np.var(y))
    return LinearFit(float(intercept), float(slope), 1 - float(np.var(residuals)) / variance if variance else 1.0)
