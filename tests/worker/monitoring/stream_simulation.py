"""A simulation of a stream: the real cascade and evaluator, classifiers that are wrong as often as a phase says.

A text is its own description: its segment's share of known words, and what each stage makes of it. So nothing is
learned from the words, and the true overruled share of every level is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from schemas import Band
from tests.artifacts import policy
from tests.helpers import FixedClassifier
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.shedding import Budget
from worker.cascade.stage import Stage
from worker.monitoring.shadow import ShadowEvaluator
from worker.types import Floats

LIMIT = policy().overruled_high
"""The promise of `CASCADE`: 4 %."""


class Kind(NamedTuple):
    """A kind of tweets."""

    known: float
    """Share of words that the first stage knows."""
    wrong: float
    """Share of the early decisions that the last stage overrules, for the trained bands."""
    certain: bool = False
    """Whether the first stage is wrong with certainty, so that no width but the widest helps."""


ENGLISH, SPANISH = Kind(0.9, 0.01), Kind(0.2, 0.45)
READABLE_SPANISH = Kind(0.2, 0.005)


class Told(FixedClassifier):
    """A classifier whose probabilities, and known words, stand in the text."""

    def __init__(self, column: int) -> None:
        super().__init__()
        self.column = column

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Read the probabilities."""
        p = np.array([float(text.split()[self.column]) for text in texts])
        return np.column_stack([1 - p, p])


class TellingFirst(Told):
    """The same, which says how many words it knows."""

    def predict_known(self, texts: Sequence[str], /) -> tuple[Floats, Floats]:
        """Read the probabilities and the share of known words."""
        return self.predict_proba(texts), np.array([float(text.split()[0]) for text in texts])


CASCADE = ThresholdCascade(
    [Stage("baseline", TellingFirst(1), Band(low=0.3, high=0.7)), Stage("use", Told(2))], "v1", policy()
)


def texts(kind: Kind, count: int, draw: np.random.Generator) -> list[str]:
    """Return tweets of a kind: a fifth lies in the trained band, and the first stage errs near it unless certain."""
    deferred, wrong = draw.random(count) < 0.2, draw.random(count) < kind.wrong
    sure = 0.7 + 0.3 * draw.random(count)
    slip = 1.0 if kind.certain else 0.7 + 0.15 * draw.random(count)
    p = np.where(deferred, 0.5, np.where(wrong, slip, sure))
    last = np.where(wrong & ~deferred, 0.1, 0.9)
    return [f"{kind.known} {a} {b}" for a, b in zip(p.tolist(), last.tolist(), strict=True)]


@dataclass
class Phase:
    """What happened in a phase."""

    tweets: int = 0
    audits: int = 0
    """Early decisions that were audited."""
    asked: int = 0
    """Tweets that the last stage was asked about."""
    early: int = 0
    overruled: int = 0
    shed: int = 0
    moves: int = 0
    """Changes of any segment's level."""
    audits_to_last_move: int = 0

    @property
    def overruled_share(self) -> float:
        """Share of the early decisions that the last stage would overrule."""
        return self.overruled / max(1, self.early)


class Simulation:
    """A worker's evaluator on a simulated stream."""

    def __init__(self, share: float = 0.05, seed: int = 0, *, adapts: bool = True) -> None:
        self.shadow = ShadowEvaluator(share, adapts=adapts, seed=seed)
        self.shadow.adopt(CASCADE)
        self.draw = np.random.default_rng(seed)

    def run(self, *kinds: Kind, batches: int, size: int = 500, budget: Budget | None = None) -> Phase:
        """Label batches with equal parts of these kinds."""
        phase = Phase()
        for _ in range(batches):
            parts = [texts(kind, size // len(kinds), self.draw) for kind in kinds]
            self._step([text for part in parts for text in part], budget, phase)
        return phase

    def _step(self, batch: list[str], budget: Budget | None, phase: Phase) -> None:
        output = self.shadow.planned(CASCADE).predict(batch, budget)
        last = [float(text.split()[2]) >= 0.5 for text in batch]
        early = [(p, right) for p, right in zip(output.predictions, last, strict=True) if p.stage == "baseline"]
        decided = [(p, right) for p, right in early if not p.shed]
        phase.tweets += len(batch)
        phase.asked += sum(call.tweets for call in output.calls if call.stage == "use")
        phase.early += len(decided)
        phase.overruled += sum(p.target != right for p, right in decided)
        phase.shed += len(early) - len(decided)
        before = self.widths()
        phase.audits += len(self.shadow.learn([output.audits] if output.audits else []))
        if self.widths() != before:
            phase.moves += 1
            phase.audits_to_last_move = phase.audits

    def widths(self) -> dict[str, float]:
        """Return the width of the first stage's band in each segment."""
        return {state.name: state.widths[0] for state in self.shadow.states()}

    def exceeded(self) -> set[str]:
        """Return the segments whose trained bands break the promise, by the evidence."""
        return {state.name for state in self.shadow.states() if state.exceeded}
