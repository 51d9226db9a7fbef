"""The manifest's policy and metrics: why the bands are where they are, and how good the cascade is. Pure."""

from collections.abc import Sequence

import numpy as np

from schemas import Policy
from training.cascade.bands import Routing
from training.cascade.candidates import Candidate
from training.cascade.confidence import upper_bound
from training.cascade.out_of_fold import OutOfFold
from training.cascade.selection import Goal
from training.data.dataset import Targets
from training.evaluation import calibration_error, scores
from worker.cascade.cascade import ThresholdCascade
from worker.types import Floats

_BINS = 20


def build_policy(
    goal: Goal,
    device: str,
    chosen: Candidate,
    candidates: Sequence[Candidate],
    out_of_fold: OutOfFold,
    routing: Routing,
    last: Floats,
) -> Policy:
    """Return the policy for the manifest.

    Args:
        goal: the user's.
        device: where the seconds were measured.
        chosen: the candidate to serve.
        candidates: all of them; those of the chosen chain make the curve.
        out_of_fold: predictions of the training tweets.
        routing: what the chosen cascade decides for them, cross-fitted.
        last: P(disaster) of each by the last stage, cross-fitted, shape (n,).

    """
    curve = [c.point for c in candidates if (c.chain, c.shares[:-1]) == (chosen.chain, chosen.shares[:-1])]
    overruled, early = _count_overruled(last, routing, len(chosen.chain))
    counts, _ = np.histogram(out_of_fold.probabilities[chosen.chain[0]], bins=_BINS, range=(0, 1))
    return Policy(
        goal=str(goal),
        device=device,
        chosen=chosen.point,
        curve=curve,
        stages=chosen.stages,
        calibration_error=calibration_error(out_of_fold.targets, routing.probability),
        overruled=overruled / max(1, early),
        overruled_high=upper_bound(overruled, early),
        histogram=(counts / counts.sum()).tolist(),
    )


def _count_overruled(last: Floats, routing: Routing, stages: int) -> tuple[int, int]:
    """Return on how many tweets decided before the last stage that stage disagrees, and how many these tweets are."""
    early = routing.decided_by < stages - 1
    return int(((last >= 0.5) != (routing.probability >= 0.5))[early].sum()), int(early.sum())


def cross_validated_metrics(chosen: Candidate, out_of_fold: OutOfFold) -> dict[str, float]:
    """Return the out-of-fold metrics of the cascade and of each classifier alone."""
    return {
        "out_of_fold_accuracy": chosen.point.accuracy,
        "out_of_fold_f1": chosen.point.f1,
        "out_of_fold_deferral": chosen.point.deferral,
        **{
            f"out_of_fold_{name}_accuracy": _accuracy(out_of_fold.targets, out_of_fold.probabilities[name])
            for name in chosen.chain
        },
    }


def held_out_metrics(cascade: ThresholdCascade, texts: Sequence[str], targets: Targets) -> dict[str, float]:
    """Return the held-out metrics of the cascade, as it is served, and of each classifier alone.

    Args:
        cascade: with the models, blends and bands of the artifact.
        texts: shape (n,); nothing was chosen on them.
        targets: 0 or 1, shape (n,).

    """
    predictions = cascade.predict(texts).predictions
    p: Floats = np.array([prediction.probability for prediction in predictions])
    measured = scores(targets, [prediction.target for prediction in predictions])
    last = cascade.stages[-1].name
    return {
        **{f"held_out_{name}": value for name, value in measured.items()},
        "held_out_deferral": sum(prediction.stage == last for prediction in predictions) / len(predictions),
        "held_out_calibration_error": calibration_error(targets, p),
        **{
            f"held_out_{stage.name}_accuracy": _accuracy(targets, stage.classifier.predict_proba(texts)[:, 1])
            for stage in cascade.stages
        },
    }


def _accuracy(targets: Targets, p: Floats) -> float:
    return scores(targets, p >= 0.5)["accuracy"]
