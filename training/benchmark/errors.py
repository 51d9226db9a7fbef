"""A model's most confident mistakes. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from training.data.dataset import Split, Targets, targets_of, texts_of
from training.data.duplicates import LabelledTexts
from worker.types import Floats


@dataclass(frozen=True)
class Mistake:
    """A tweet that the model labels wrongly."""

    text: str
    target: int
    """0 or 1."""
    probability: float
    """P(disaster) by the model."""
    contradicted_by: str = ""
    """A near-duplicate with the other label, if any: one of the two labels is wrong, and the model may be right."""


@dataclass(frozen=True)
class LabelledTweets:
    """Texts and their targets, 0 or 1, both of shape (n,)."""

    texts: Sequence[str]
    targets: Targets

    @classmethod
    def of(cls, frame: pd.DataFrame) -> "LabelledTweets":
        """Return those of a table with the columns text and target."""
        return cls(texts_of(frame), targets_of(frame))


def all_tweets(parts: Split) -> LabelledTweets:
    """Return all labelled tweets, the held-out ones included."""
    return LabelledTweets.of(pd.concat([parts.train, parts.held_out]))


def worst_mistakes(
    held_out: LabelledTweets, p: Floats, known: LabelledTweets, top: int
) -> tuple[list[Mistake], list[Mistake]]:
    """Return the false positives and the false negatives, at most `top` of each, the most confident first.

    Args:
        held_out: the tweets that the model was evaluated on, n of them.
        p: P(disaster) of each, shape (n,).
        known: where to look for near-duplicates with the other label.
        top: how many of each kind.

    """
    worst_first = np.argsort(-np.abs(p - held_out.targets), kind="stable")
    wrong = [int(i) for i in worst_first if (p[i] >= 0.5) != held_out.targets[i]]
    contradictions = LabelledTexts(known.texts, known.targets)

    def mistakes(target: int) -> Iterator[Mistake]:
        for i in [i for i in wrong if held_out.targets[i] == target][:top]:
            found = contradictions.contradiction(held_out.texts[i], target)
            other = known.texts[found.row] if found else ""
            yield Mistake(held_out.texts[i], target, float(p[i]), other)

    return list(mistakes(0)), list(mistakes(1))
