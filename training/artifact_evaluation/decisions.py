"""What a cascade decides for labelled tweets, and what its last stage would."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas import Band
from training.cascade.bands import Routing, route
from training.data.dataset import Targets
from worker.cascade.cascade import ThresholdCascade
from worker.types import Floats

_CHUNK = 512  # texts in a call of a stage
_NOTHING = Band(low=0.5, high=0.5)  # defers no tweet


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

    def of(self, rows: NDArray[np.bool_]) -> "Decisions":
        """Return the decisions for some of the tweets."""
        routing = Routing(self.routing.probability[rows], self.routing.decided_by[rows])
        return Decisions(self.targets[rows], routing, self.last[rows], self.stages)


def decide(
    cascade: ThresholdCascade,
    texts: Sequence[str],
    targets: Targets,
    advance: Callable[[int], None] = lambda _done: None,
) -> Decisions:
    """Ask every stage about every text, shape (n,); call `advance` with the number of texts done since the last call.

    Raises:
        StageError: a classifier failed.

    """
    chunks = []
    for start in range(0, len(texts), _CHUNK):
        chunk = texts[start : start + _CHUNK]
        chunks.append(_stage_probabilities(cascade, chunk))
        advance(len(chunk))
    p = np.vstack(chunks)
    bands = [stage.band or _NOTHING for stage in cascade.stages[:-1]]
    return Decisions(targets, route(p, bands), p[:, -1], len(cascade.stages))


def _stage_probabilities(cascade: ThresholdCascade, texts: Sequence[str]) -> Floats:
    """Return each stage's P(disaster), blended, shape (n, stages)."""
    raw = np.column_stack([stage.probabilities(texts) for stage in cascade.stages])
    return np.column_stack([stage.blended(raw[:, : n + 1]) for n, stage in enumerate(cascade.stages)])
