"""What labels are worth. Pure."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.tweets import Pool


class Score(NamedTuple):
    """Accuracy and who decided."""

    accuracy: float | None
    """Of the tweets whose truth is known; none where none was labelled."""
    scored: int
    """How many different ones these were."""
    deferred_share: float | None
    """Share of all labels by the last stage; none where what came out are no labels."""


def score(values: Sequence[bytes], pool: Pool, last_stage: str) -> Score:
    """Judge the labels that came out; each different text counts once."""
    labels = [label for value in values if "target" in (label := json.loads(value))]
    if not labels:
        return Score(None, 0, None)
    verdicts = {known[0]: label["target"] == known[1] for label in labels if (known := pool.truth(label["id"]))}
    accuracy = sum(verdicts.values()) / len(verdicts) if verdicts else None
    return Score(accuracy, len(verdicts), sum(label["stage"] == last_stage for label in labels) / len(labels))
