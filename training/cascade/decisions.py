"""What a cascade decides for labelled tweets, and what its last stage would. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.cascade.bands import Routing
from training.data.dataset import Targets
from worker.types import Floats


@dataclass(frozen=True)
class Decisions:
    """The cascade's and the last stage's probabilities for n labelled tweets."""

    targets: Targets
    """0 or 1, shape (n,)."""
    routing: Routing
    last: Floats
    """P(disaster) by the last stage, asked about every tweet, shape (n,)."""
    stages: int

    @property
    def early(self) -> NDArray[np.bool_]:
        """Whether a stage before the last decides a tweet, shape (n,)."""
        return self.routing.decided_by < self.stages - 1

    @property
    def disagree(self) -> NDArray[np.bool_]:
        """Whether the last stage's label is another than the cascade's, shape (n,)."""
        return np.asarray((self.last >= 0.5) != (self.routing.probability >= 0.5))

    @property
    def decided_early(self) -> int:
        """Tweets that are decided before the last stage."""
        return int(self.early.sum())

    @property
    def overruled(self) -> int:
        """Those of them on which the last stage disagrees."""
        return int((self.early & self.disagree).sum())

    def of(self, rows: NDArray[np.bool_]) -> "Decisions":
        """Return the decisions for some of the tweets."""
        routing = Routing(self.routing.probability[rows], self.routing.decided_by[rows])
        return Decisions(self.targets[rows], routing, self.last[rows], self.stages)


@dataclass(frozen=True)
class DecisionsByFolds:
    """What the same cascade decides for the same tweets, cross-fitted in both kinds of folds."""

    random: Decisions
    grouped: Decisions
