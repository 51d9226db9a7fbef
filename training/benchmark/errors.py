"""The verdicts that are most wrong. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from training.data.dataset import Split, Targets, targets_of, texts_of
from training.data.duplicates import LabelledTexts
from worker.types import Floats


@dataclass(frozen=True)
class Mistake:
    """A tweet whose verdict is not its label."""

    text: str
    target: int
    """The label, 0 or 1."""
    probability: float
    """P(disaster) that the model told."""
    contradicted_by: str = ""
    """A near-duplicate with the other label, if there is one: a label is wrong then, and the model perhaps right."""


@dataclass(frozen=True)
class Labelled:
    """Texts and their targets, 0 or 1, both of shape (n,)."""

    texts: Sequence[str]
    targets: Targets

    @classmethod
    def of(cls, frame: pd.DataFrame) -> "Labelled":
        """Return those of a table with the columns text and target."""
        return cls(texts_of(frame), targets_of(frame))


def everything(parts: Split) -> Labelled:
    """Return all labelled tweets, those held out too."""
    return Labelled.of(pd.concat([parts.train, parts.held_out]))


def most_wrong(held_out: Labelled, p: Floats, known: Labelled, top: int) -> tuple[list[Mistake], list[Mistake]]:
    """Return the false positives and the false negatives, at most `top` of each, the most confident first.

    Args:
        held_out: the tweets that were judged, n of them.
        p: P(disaster) of each, shape (n,).
        known: where near-duplicates with another label are looked for.
        top: how many.

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
