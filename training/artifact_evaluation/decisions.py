"""Ask a trained cascade about labelled tweets, its last stage about every one."""

from collections.abc import Callable, Sequence

import numpy as np

from schemas import Band
from training.cascade.bands import route
from training.cascade.decisions import Decisions
from training.data.dataset import Targets
from worker.cascade.cascade import ThresholdCascade
from worker.types import Floats

_CHUNK = 512  # texts in a call of a stage
_NOTHING = Band(low=0.5, high=0.5)  # defers no tweet


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
