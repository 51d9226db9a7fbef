"""A stream of tweets whose probabilities are known beforehand, through the cascade and its shadow evaluation.

Every stage is asked about every tweet once; then a long stream of them, drawn at random, costs next to nothing.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.results.output import TableRow
from worker.cascade.audit import AuditPlan
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.ladder import Ladder
from worker.cascade.stage import Stage
from worker.monitoring.shadow import ShadowEvaluator
from worker.types import Classifier, Floats, Ints

_CHUNK = 1024


class Answers(NamedTuple):
    """What every stage says of n tweets."""

    probabilities: Floats
    """P(disaster) by each stage, shape (n, stages)."""
    known: Floats | None
    """Share of the words that the first stage knows, shape (n,); None where it cannot say."""


def ask(cascade: ThresholdCascade, texts: Sequence[str]) -> Answers:
    """Ask every stage about every text."""
    segments = len(cascade.segments)
    everything = AuditPlan(1.0, np.zeros(segments), np.zeros(segments, dtype=np.intp), Ladder(cascade.stages), 0)
    audited = cascade.audited(everything)
    outputs = [audited.predict(texts[n : n + _CHUNK]) for n in range(0, len(texts), _CHUNK)]
    known = [output.calls[0].known for output in outputs]
    return Answers(
        np.concatenate([output.audits.probabilities for output in outputs if output.audits]),
        None if known[0] is None else np.concatenate([part for part in known if part is not None]),
    )


class Replayed:
    """A stage that answers from what it said before; a text is the number of a tweet."""

    classes_ = np.array([0, 1])

    def __init__(self, p: Floats) -> None:
        self._p = p

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return probabilities of shape (n texts, 2)."""
        p = self._p[list(map(int, texts))]
        return np.column_stack([1 - p, p])


class ReplayedFirst(Replayed):
    """The same, of a stage that says how many words it knows."""

    def __init__(self, p: Floats, known: Floats) -> None:
        super().__init__(p)
        self._known = known

    def predict_known(self, texts: Sequence[str], /) -> tuple[Floats, Floats]:
        """Return the probabilities and the shares of known words."""
        return self.predict_proba(texts), self._known[list(map(int, texts))]


def replayed(cascade: ThresholdCascade, answers: Answers) -> ThresholdCascade:
    """Return the cascade with stages that answer from these answers."""
    p = answers.probabilities
    first: Classifier = Replayed(p[:, 0]) if answers.known is None else ReplayedFirst(p[:, 0], answers.known)
    classifiers = [first, *(Replayed(column) for column in p.T[1:])]
    stages = [Stage(s.name, c, s.band) for s, c in zip(cascade.stages, classifiers, strict=True)]
    return ThresholdCascade(stages, cascade.version, cascade.policy, classes=cascade.classes)


class Stream:
    """A stream of tweets through the cascade, with shadow evaluation and without.

    Args:
        cascade: of replayed stages.
        answers: that its stages give.
        share: of the tweets that are audited.
        seed: of all that is random.

    """

    def __init__(self, cascade: ThresholdCascade, answers: Answers, share: float, seed: int) -> None:
        self._cascade, self._answers, self._ladder = cascade, answers, Ladder(cascade.stages)
        self._shadow = ShadowEvaluator(share, seed=seed)
        self._shadow.adopt(cascade)
        self._draw = np.random.default_rng(seed)

    def phase(self, name: str, tweets: Ints, batches: int, size: int) -> TableRow:
        """Label batches drawn at random from these tweets; return what happened, before and after the last move."""
        trained, held, settled, audits, until = np.zeros(2), np.zeros(2), np.zeros(2), 0, 0
        for _ in range(batches):
            widths = self._widths()
            as_trained, as_held, audited = self._step(self._draw.choice(tweets, size))
            trained, held, settled, audits = trained + as_trained, held + as_held, settled + as_held, audits + audited
            if self._widths() != widths:
                settled, until = np.zeros(2), audits
        return {
            "phase": name,
            "tweets": batches * size,
            "audits": audits,
            "audits_until_last_move": until,
            "overruled_as_trained": _share(trained),
            "overruled": _share(held),
            "overruled_after_last_move": _share(settled),
            "last_stage_as_trained": 1 - trained[0] / (batches * size),
            "last_stage": 1 - held[0] / (batches * size),
            "widths": {segment: widths for segment, widths in self._widths().items() if any(widths)},
        }

    def _step(self, batch: Ints) -> tuple[Floats, Floats, int]:
        """Label a batch; return early and overruled decisions with trained bands and with the present ones; audits."""
        outcomes = self._ladder.outcomes(self._answers.probabilities[batch])
        trained = np.array([outcomes.early[:, 0].sum(), outcomes.overruled[:, 0].sum()], dtype=np.float64)
        output = self._shadow.planned(self._cascade).predict(list(map(str, batch.tolist())))
        last = self._cascade.names[-1]
        right = self._answers.probabilities[batch, -1] >= 0.5
        early = [(p.target, truth) for p, truth in zip(output.predictions, right, strict=True) if p.stage != last]
        held = np.array([len(early), sum(target != truth for target, truth in early)], dtype=np.float64)
        return trained, held, len(self._shadow.learn([output.audits] if output.audits else []))

    def _widths(self) -> dict[str, list[float]]:
        return {state.name: list(state.widths) for state in self._shadow.states()}


def _share(counts: Floats) -> float:
    """Return the share of early decisions, counts[0], that are overruled, counts[1]."""
    return float(counts[1] / max(1.0, counts[0]))
