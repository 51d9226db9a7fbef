"""The manifest's policy and metrics."""

import numpy as np
import pytest

from schemas import Band
from tests.helpers import FixedClassifier
from tests.training.cascade.test_candidates import out_of_fold
from training.cascade.bands import CrossFit, Routing
from training.cascade.candidates import evaluate_chains
from training.cascade.out_of_fold import OutOfFold
from training.cascade.policy import build_policy, held_out_metrics
from training.cascade.selection import Goal, choose
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.stage import Stage


def test_the_policy_describes_the_chosen_chain() -> None:
    """The curve is the chosen chain's at every limit, and shares of stages and of the histogram add up to 1."""
    predictions = out_of_fold()
    candidates = evaluate_chains([("cheap", "strong"), ("middle", "strong")], predictions)
    chosen = choose(Goal(max_deferral=0.2), candidates)
    cross_fit = CrossFit(predictions.columns(chosen.chain), predictions.targets)
    routing = cross_fit.route(chosen.shares)
    policy = build_policy(Goal(0.2), "cpu", chosen, candidates, predictions, routing, cross_fit.p[:, -1])
    assert policy.curve == [c.point for c in candidates if c.chain == chosen.chain]
    assert chosen.point in policy.curve
    assert sum(facts.decides for facts in policy.stages.values()) == pytest.approx(1)
    assert sum(policy.histogram) == pytest.approx(1)
    assert policy.overruled < policy.overruled_high


def test_overruled_counts_tweets_decided_early_that_the_last_stage_labels_otherwise() -> None:
    """Of three tweets decided by the first stage the last one disagrees on one; tweets it decides do not count."""
    predictions = out_of_fold()
    candidates = evaluate_chains([("cheap", "strong")], predictions)
    routing = Routing(np.array([0.9, 0.8, 0.1, 0.6]), np.array([0, 0, 0, 1]))
    policy = build_policy(
        Goal(), "cpu", candidates[0], candidates, four_of(predictions), routing, last=np.array([0.9, 0.2, 0.3, 0.6])
    )
    assert policy.overruled == pytest.approx(1 / 3)


def four_of(predictions: OutOfFold) -> OutOfFold:
    """Return the predictions of the first four tweets."""
    probabilities = {name: p[:4] for name, p in predictions.probabilities.items()}
    return OutOfFold(predictions.targets[:4], probabilities, predictions.seconds)


def test_held_out_metrics_are_of_the_cascade_and_of_each_classifier_alone() -> None:
    """The cascade is right on tweets that each classifier alone gets wrong; half of them reach the last stage."""
    texts = ["flood", "quake", "cake", "song"]
    fast = FixedClassifier(dict(zip(texts, [0.9, 0.45, 0.55, 0.1], strict=True)))
    strong = FixedClassifier(dict(zip(texts, [0.9, 0.8, 0.2, 0.6], strict=True)))
    cascade = ThresholdCascade([Stage("fast", fast, Band(low=0.4, high=0.6)), Stage("strong", strong)], "v")
    metrics = held_out_metrics(cascade, texts, np.array([1, 1, 0, 0]))
    assert (metrics["held_out_accuracy"], metrics["held_out_deferral"]) == (1, 0.5)
    assert (metrics["held_out_fast_accuracy"], metrics["held_out_strong_accuracy"]) == (0.5, 0.75)
