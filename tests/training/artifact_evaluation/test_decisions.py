"""Decisions of a cascade and of its last stage."""

from pathlib import Path

import numpy as np
import pytest

from schemas import Band
from tests.helpers import FixedClassifier, audit_plan
from training.artifact_evaluation.decisions import decide
from training.data.dataset import SAMPLE, load_dataset, targets_of, texts_of
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.stage import Stage
from worker.models import load_artifact

TEXTS = ["flood", "quake", "cake", "song"]


def test_the_cascade_decides_as_a_worker_does(small_artifact: Path) -> None:
    """Probability and stage are those of `predict`, in chunks; the last stage's are those of an audit."""
    cascade, labelled = load_artifact(small_artifact).cascade, load_dataset(SAMPLE).labelled
    texts, done = texts_of(labelled), list[int]()
    decisions = decide(cascade, texts, targets_of(labelled), done.append)
    predictions = cascade.predict(texts).predictions
    assert decisions.routing.probability.tolist() == pytest.approx([p.probability for p in predictions])
    assert [cascade.names[n] for n in decisions.routing.decided_by] == [p.stage for p in predictions]
    audits = cascade.audited(audit_plan(cascade, 1)).predict(texts).audits
    assert audits
    assert decisions.last.tolist() == pytest.approx(audits.probabilities[:, -1].tolist())
    assert (sum(done), len(done)) == (len(texts), 2)


def test_early_decisions_are_those_before_the_last_stage() -> None:
    """The first stage decides two of four, and the last stage disagrees on one of them."""
    fast = FixedClassifier(dict(zip(TEXTS, [0.9, 0.45, 0.55, 0.1], strict=True)))
    strong = FixedClassifier(dict(zip(TEXTS, [0.9, 0.8, 0.2, 0.6], strict=True)))
    cascade = ThresholdCascade([Stage("fast", fast, Band(low=0.4, high=0.6)), Stage("strong", strong)], "v")
    decisions = decide(cascade, TEXTS, np.array([1, 1, 0, 0]))
    assert decisions.early.tolist() == [True, False, False, True]
    assert decisions.disagree.tolist() == [False, False, False, True]
    part = decisions.of(np.array([False, True, True, False]))
    assert part.targets.tolist() == [1, 0]
    assert part.early.tolist() == [False, False]


@pytest.mark.parametrize("names", [["only"], ["first", "second"]])
def test_a_stage_without_a_band_decides_every_tweet(names: list[str]) -> None:
    """A single model is a cascade of one stage; a stage behind one without a band gets no tweets."""
    cascade = ThresholdCascade([Stage(name, FixedClassifier()) for name in names], "v")
    assert decide(cascade, TEXTS, np.array([1, 1, 0, 0])).routing.decided_by.tolist() == [0, 0, 0, 0]
