"""Ask a trained cascade about labelled tweets, its last stage about every one."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from schemas import Band
from training.cascade.bands import Routing, route
from training.cascade.decisions import Decisions
from training.data.dataset import Targets
from worker.cascade.cascade import ThresholdCascade
from worker.types import Floats

_CHUNK = 512  # texts in a call of a stage
_NOTHING = Band(low=0.5, high=0.5)  # defers no tweet


class Asked(NamedTuple):
    """What every stage says of n texts."""

    probabilities: Floats
    """P(disaster) by each stage, blended, shape (n, stages)."""
    known: Floats | None
    """Share of each text's words that the first stage knows, shape (n,); None where it cannot say."""


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
    p = ask_stages(cascade, texts, advance).probabilities
    return Decisions(targets, route_by_bands(cascade, p), p[:, -1], len(cascade.stages))


def route_by_bands(cascade: ThresholdCascade, probabilities: Floats) -> Routing:
    """Return what the cascade decides, from each stage's probability, shape (n, stages)."""
    return route(probabilities, [stage.band or _NOTHING for stage in cascade.stages[:-1]])


def ask_stages(
    cascade: ThresholdCascade, texts: Sequence[str], advance: Callable[[int], None] = lambda _done: None
) -> Asked:
    """Ask every stage about every text; call `advance` with the number of texts done since the last call.

    Raises:
        StageError: a classifier failed.

    """
    chunks = []
    for start in range(0, len(texts), _CHUNK):
        chunk = texts[start : start + _CHUNK]
        chunks.append(_ask(cascade, chunk))
        advance(len(chunk))
    known = [asked.known for asked in chunks if asked.known is not None]
    p = np.vstack([asked.probabilities for asked in chunks])
    return Asked(p, np.concatenate(known) if known else None)


def _ask(cascade: ThresholdCascade, texts: Sequence[str]) -> Asked:
    answers = [stage.answer(texts) for stage in cascade.stages]
    raw = np.column_stack([answer.probabilities for answer in answers])
    p = np.column_stack([stage.blended(raw[:, : n + 1]) for n, stage in enumerate(cascade.stages)])
    return Asked(p, answers[0].known)
