"""A straight line through points. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Line(NamedTuple):
    """y = intercept + slope * x, and the share of the variance that it explains."""

    intercept: float
    slope: float
    r_squared: float

    def at(self, x: float) -> float:
        """Return y."""
        return self.intercept + self.slope * x


def fit_line(x: Sequence[float], y: Sequence[float]) -> Line:
    """Return the least-squares line through two points or more, whose x differ."""
    slope, intercept = np.polyfit(x, y, 1)
    rest = np.asarray(y) - (intercept + slope * np.asarray(x))
    spread = float(np.var(y))
    return Line(float(intercept), float(slope), 1 - float(np.var(rest)) / spread if spread else 1.0)
