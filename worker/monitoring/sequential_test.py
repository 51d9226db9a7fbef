"""Sequential tests of a share: valid at whatever time one looks.

Testing by betting (Ville 1939, Robbins 1970; Waudby-Smith and Ramdas 2024). A bettor starts with a capital of 1 and
bets on each observation at odds that are fair, or worse, while the share keeps to the hypothesis. The capital is then a
nonnegative supermartingale: the probability that it ever reaches 1 / error is at most `error` (Ville's inequality),
however often one looks and whenever one stops. The share need not be constant: the hypothesis is that it lies on one
side of the limit at each observation, given all that was observed before.

The bets are likelihood ratios: a hit pays p / limit and a miss (1 - p) / (1 - limit), for a few alternatives p beyond
the limit, among which the capital is divided. A stream may change at any time, and bets that lost all in the past win
nothing: so half of the capital is kept as a reserve that is staked bit by bit. It is a mixture over the time of the
change, as in e-detectors (Shin, Ramdas and Rinaldo 2024). A change after n observations costs some 2 ln(n / 100) of the
capital's logarithm, which a share far from the limit wins back within a few dozen observations.

>>> test = SequentialTest(limits=np.array([0.02]), direction="above")
>>> test.observe(hits=np.array([1]), trials=np.array([40]))  # 2.5 % of 40 prove nothing
>>> bool(test.rejects(error=0.05)[0])
False
>>> test.observe(hits=np.array([9]), trials=np.array([60]))
>>> bool(test.rejects(error=0.05)[0])
True
"""

import math
from typing import Literal

import numpy as np

from worker.types import Bools, Floats, Ints

_FACTORS = (1.5, 2.5, 5.0, 15.0, 50.0)
"""Odds of the alternatives over those of the limit, or below them."""
_RESERVE = 0.5
_UNIT = 100.0  # observations after which half of the reserve is staked


class SequentialTest:
    """Tests side by side whether each of several shares is beyond its limit.

    Args:
        limits: one for each share, above 0 and below 1, shape (n,).
        direction: `above` tests the hypothesis that the share is at most the limit, `below` that it is at least the
            limit; rejecting it shows the opposite.

    """

    def __init__(self, limits: Floats, direction: Literal["above", "below"]) -> None:
        factors = np.array(_FACTORS) if direction == "above" else 1 / np.array(_FACTORS)
        limit = limits.reshape(-1, 1)
        odds = limit / (1 - limit) * factors
        p = odds / (1 + odds)
        self._hit, self._miss = np.log(p / limit), np.log((1 - p) / (1 - limit))
        self._trials = np.zeros(len(limits))
        self._staked = np.full(p.shape, math.log((1 - _RESERVE) / len(factors)))  # logarithms: they cannot overflow

    def observe(self, hits: Ints, trials: Ints) -> None:
        """Add observations, `hits` of `trials` for each share, both of shape (n,)."""
        stakes = (_reserve(self._trials) - _reserve(self._trials + trials)) / len(_FACTORS)
        self._trials = self._trials + trials
        with np.errstate(divide="ignore"):  # without trials nothing is staked
            self._staked = np.logaddexp(self._staked, np.log(stakes)[:, np.newaxis])
        self._staked += hits[:, np.newaxis] * self._hit + (trials - hits)[:, np.newaxis] * self._miss

    @property
    def log_capital(self) -> Floats:
        """Logarithm of the capital of each test, shape (n,)."""
        return np.asarray(np.logaddexp(np.logaddexp.reduce(self._staked, axis=1), np.log(_reserve(self._trials))))

    def rejects(self, error: float) -> Bools:
        """Return, for each share, whether its hypothesis is rejected; if it is true, with probability at most error."""
        return self.log_capital >= -math.log(error)


def _reserve(trials: Floats) -> Floats:
    return _RESERVE / (1 + trials / _UNIT)
