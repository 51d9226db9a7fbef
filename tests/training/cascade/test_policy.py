"""The manifest's policy and metrics."""

from dataclasses import replace

import numpy as np
import pytest

from schemas import Band
from tests.helpers import FixedClassifier
from tests.training.cascade.test_candidates import validated
from training.cascade.bands import Routing
from training.cascade.candidates import decide_by_folds, evaluate_chains
from training.cascade.decisions import Decisions, DecisionsByFolds
from training.cascade.out_of_fold import CrossValidation
from training.cascade.policy import build_policy, cross_validated_metrics, held_out_metrics
from training.cascade.selection import Goal, choose
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.stage import Stage


def test_the_policy_describes_the_chosen_chain() -> None:
    """The curve is the chosen chain's at every limit, and shares of stages and of the histogram add up to 1."""
    predictions = validated()
    candidates = evaluate_chains([("cheap", "strong"), ("middle", "strong")], predictions)
    chosen = choose(Goal(max_deferral=0.2), candidates)
    decisions = decide_by_folds(chosen, predictions, predictions.grouped)
    policy = build_policy(Goal(0.2), "cpu", "keyword", chosen, candidates, predictions, decisions)
    assert policy.curve == [c.point for c in candidates if c.chain == chosen.chain]
    assert chosen.point in policy.curve
    assert (policy.grouped_by, policy.random.point) == ("keyword", chosen.random)
    assert sum(facts.decides for facts in policy.stages.values()) == pytest.approx(1)
    assert sum(policy.histogram) == pytest.approx(1)
    assert policy.overruled < policy.overruled_high
    assert policy.prior == pytest.approx(predictions.random.targets.mean())


def test_calibration_is_measured_for_the_stream_that_is_assumed() -> None:
    """Probabilities for a stream with other shares are calibrated there, and the manifest says for which share."""
    predictions = validated().with_prior(0.8)
    [chosen, *_] = candidates = evaluate_chains([("cheap", "strong")], predictions)
    decisions = decide_by_folds(chosen, predictions, predictions.grouped)
    policy = build_policy(Goal(), "cpu", "keyword", chosen, candidates, predictions, decisions)
    assert (policy.prior, policy.calibration_error < 0.08) == (0.8, True)
    plain = replace(predictions.random, prior=None)
    unweighted = build_policy(Goal(), "cpu", "keyword", chosen, candidates, CrossValidation(plain, plain), decisions)
    assert unweighted.calibration_error > 0.1


def test_overruled_counts_tweets_decided_early_that_the_last_stage_labels_otherwise() -> None:
    """Of three tweets decided by the first stage the last one disagrees on one; tweets it decides do not count.

    The promise is that of unseen groups; in random folds the last stage agrees with all.
    """
    predictions = validated()
    candidates = evaluate_chains([("cheap", "strong")], predictions)
    routing, targets = Routing(np.array([0.9, 0.8, 0.1, 0.6]), np.array([0, 0, 0, 1])), np.array([1, 1, 0, 1])
    away = Decisions(targets, routing, last=np.array([0.9, 0.2, 0.3, 0.6]), stages=2)
    home = replace(away, last=routing.probability)
    decisions = DecisionsByFolds(random=home, grouped=away)
    policy = build_policy(Goal(), "cpu", "event", candidates[0], candidates, predictions, decisions)
    assert policy.overruled == pytest.approx(1 / 3)
    assert policy.random.overruled == 0
    assert policy.grouped.overruled_high == policy.overruled_high > policy.random.overruled_high


def test_both_kinds_of_folds_are_among_the_metrics() -> None:
    """The cascade's and each classifier's accuracy, in random folds and in grouped ones."""
    predictions = validated()
    chosen = evaluate_chains([("cheap", "strong")], predictions)[20]
    metrics = cross_validated_metrics(chosen, predictions)
    assert metrics["out_of_fold_accuracy"] == chosen.random.accuracy
    assert metrics["grouped_deferral"] == chosen.point.deferral
    for kind, out_of_fold in (("out_of_fold", predictions.random), ("grouped", predictions.grouped)):
        correct = (out_of_fold.probabilities["strong"] >= 0.5) == out_of_fold.targets
        assert metrics[f"{kind}_strong_accuracy"] == pytest.approx(correct.mean())


def test_held_out_metrics_are_of_the_cascade_and_of_each_classifier_alone() -> None:
    """The cascade is right on tweets that each classifier alone gets wrong; half of them reach the last stage."""
    texts = ["flood", "quake", "cake", "song"]
    fast = FixedClassifier(dict(zip(texts, [0.9, 0.45, 0.55, 0.1], strict=True)))
    strong = FixedClassifier(dict(zip(texts, [0.9, 0.8, 0.2, 0.6], strict=True)))
    cascade = ThresholdCascade([Stage("fast", fast, Band(low=0.4, high=0.6)), Stage("strong", strong)], "v")
    metrics = held_out_metrics(cascade, texts, np.array([1, 1, 0, 0]))
    assert (metrics["held_out_accuracy"], metrics["held_out_deferral"]) == (1, 0.5)
    assert (metrics["held_out_fast_accuracy"], metrics["held_out_strong_accuracy"]) == (0.5, 0.75)
