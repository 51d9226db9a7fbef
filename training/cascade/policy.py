"""The manifest's policy and metrics: why the bands are where they are, and how good the cascade is. Pure."""

from collections.abc import Sequence

import numpy as np

from schemas import FoldFigures, OperatingPoint, Policy
from training.cascade.candidates import Candidate
from training.cascade.confidence import upper_bound
from training.cascade.decisions import Decisions, DecisionsByFolds
from training.cascade.measurement import Chain
from training.cascade.out_of_fold import CrossValidation, OutOfFold
from training.cascade.prior import prior_weights
from training.cascade.selection import Goal
from training.data.dataset import Targets
from training.evaluation import calibration_error, scores
from worker.cascade.cascade import ThresholdCascade
from worker.types import Floats

_BINS = 20


def build_policy(
    goal: Goal,
    device: str,
    grouped_by: str,
    chosen: Candidate,
    candidates: Sequence[Candidate],
    validated: CrossValidation,
    decisions: DecisionsByFolds,
) -> Policy:
    """Return the policy for the manifest.

    Args:
        goal: the user's.
        device: where the seconds were measured.
        grouped_by: what makes a group.
        chosen: the candidate to serve.
        candidates: all of them; those of the chosen chain make the curve.
        validated: predictions of the training tweets.
        decisions: what the chosen cascade decides for them, cross-fitted.

    """
    curve = [c.point for c in candidates if (c.chain, c.shares[:-1]) == (chosen.chain, chosen.shares[:-1])]
    first = validated.random.probabilities[chosen.chain[0]]
    counts, _ = np.histogram(first[np.isfinite(first)], bins=_BINS, range=(0, 1))
    prior = validated.random.prior
    grouped = _figures(chosen.point, decisions.grouped, prior)
    return Policy(
        goal=str(goal),
        device=device,
        grouped_by=grouped_by,
        prior=float(validated.random.targets.mean()) if prior is None else prior,
        chosen=grouped.point,
        curve=curve,
        stages=chosen.stages,
        calibration_error=grouped.calibration_error,
        overruled=grouped.overruled,
        overruled_high=grouped.overruled_high,
        random=_figures(chosen.random, decisions.random, prior),
        histogram=(counts / counts.sum()).tolist(),
    )


def _figures(point: OperatingPoint, decisions: Decisions, prior: float | None) -> FoldFigures:
    early, overruled, targets = decisions.decided_early, decisions.overruled, decisions.targets
    return FoldFigures(
        point=point,
        calibration_error=calibration_error(targets, decisions.routing.probability, prior_weights(targets, prior)),
        overruled=overruled / max(1, early),
        overruled_high=upper_bound(overruled, early),
    )


def cross_validated_metrics(chosen: Candidate, validated: CrossValidation) -> dict[str, float]:
    """Return the metrics of the cascade and of each classifier alone, in random folds and in grouped ones."""
    return {
        **_fold_metrics("out_of_fold", chosen.random, validated.random, chosen.chain),
        **_fold_metrics("grouped", chosen.point, validated.grouped, chosen.chain),
    }


def _fold_metrics(name: str, point: OperatingPoint, out_of_fold: OutOfFold, chain: Chain) -> dict[str, float]:
    return {
        f"{name}_accuracy": point.accuracy,
        f"{name}_f1": point.f1,
        f"{name}_deferral": point.deferral,
        **{
            f"{name}_{stage}_accuracy": _accuracy(out_of_fold.targets, out_of_fold.probabilities[stage])
            for stage in chain
        },
    }


def held_out_metrics(
    cascade: ThresholdCascade, texts: Sequence[str], targets: Targets, prior: float | None = None
) -> dict[str, float]:
    """Return the held-out metrics of the cascade, as it is served, and of each classifier alone.

    Args:
        cascade: with the models, blends and bands of the artifact.
        texts: shape (n,); nothing was chosen on them.
        targets: 0 or 1, shape (n,).
        prior: the share of disasters that its probabilities are calibrated for; None: as among the targets.

    """
    predictions = cascade.predict(texts).predictions
    p: Floats = np.array([prediction.probability for prediction in predictions])
    measured = scores(targets, [prediction.target for prediction in predictions])
    last = cascade.stages[-1].name
    return {
        **{f"held_out_{name}": value for name, value in measured.items()},
        "held_out_deferral": sum(prediction.stage == last for prediction in predictions) / len(predictions),
        "held_out_calibration_error": calibration_error(targets, p, prior_weights(targets, prior)),
        **{
            f"held_out_{stage.name}_accuracy": _accuracy(targets, stage.classifier.predict_proba(texts)[:, 1])
            for stage in cascade.stages
        },
    }


def _accuracy(targets: Targets, p: Floats) -> float:
    """Return the accuracy on the tweets that the classifier can read."""
    read = np.isfinite(p)
    return scores(targets[read], p[read] >= 0.5)["accuracy"]
