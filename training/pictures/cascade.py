"""Pictures of how a cascade was chosen."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from schemas import CLASSES, ClassNames, OperatingPoint
from training.cascade.candidates import Candidate
from training.cascade.prior import prior_weights
from training.cascade.selection import throughput
from training.data.dataset import Targets
from training.evaluation import sum_in_bins
from training.pictures.frontier import frontier
from training.pictures.style import BLUE, COLOURS, FAINT, GREEN, ORANGE, new_axes, plain
from worker.types import Floats


def accuracy_by_deferral(candidates: Sequence[Candidate], chosen: Candidate) -> Axes:
    """Draw each chain's accuracy against the share of tweets that reach its last stage."""
    axes = new_axes("Accuracy by deferral", 7.2, 4.4)
    chains = list(dict.fromkeys(c.chain for c in candidates))
    for i, chain in enumerate(chains):
        best = _best_by_share([c.point for c in candidates if c.chain == chain])
        style = "-" if chain == chosen.chain else ":"
        axes.plot(*zip(*best, strict=True), style, color=COLOURS[i % len(COLOURS)], label=" > ".join(chain))
    _mark(axes, chosen.point.deferral, chosen.point.accuracy)
    axes.set(xlabel="share of tweets that reach the last stage", ylabel="accuracy, unseen groups")
    axes.legend(fontsize=8, loc="lower right")
    return axes


def _best_by_share(points: Sequence[OperatingPoint]) -> list[tuple[float, float]]:
    """Return (share, accuracy) sorted by share; of points whose shares round to the same percent, the most accurate."""
    best: dict[float, float] = {}
    for point in points:
        share = round(point.deferral, 2)
        best[share] = max(best.get(share, 0.0), point.accuracy)
    return sorted(best.items())


def f1_by_deferral(curve: Sequence[OperatingPoint], chosen: OperatingPoint) -> Axes:
    """Draw the F1 of the chosen chain minus that of the last stage alone, with its lower bound, against deferral."""
    axes = new_axes("F1 minus that of the last stage alone", 7.2, 4.0)
    shares = [point.deferral for point in curve]
    low, value = [p.f1_difference_low for p in curve], [p.f1_difference for p in curve]
    axes.axhline(0, color=FAINT, linewidth=1, linestyle="--")
    axes.fill_between(shares, low, value, color=BLUE, alpha=0.2, label="95 % lower bound")
    axes.plot(shares, value, color=BLUE, label="measured")
    _mark(axes, chosen.deferral, chosen.f1_difference)
    axes.set(xlabel="share of tweets that reach the last stage", ylabel="difference of weighted F1")
    axes.legend(fontsize=8, loc="lower right")
    return axes


def accuracy_by_speed(candidates: Sequence[Candidate], chosen: Candidate) -> Axes:
    """Draw what every candidate costs and gives, and the line of those that none is both faster and better than."""
    axes = new_axes("Accuracy by speed", 7.2, 4.0)
    x, y = [throughput(c.point) for c in candidates], [c.point.accuracy for c in candidates]
    axes.plot(x, y, "o", color=FAINT, markersize=3, alpha=0.6, label="all candidates")
    best = frontier(candidates, lambda o: o.point.seconds, lambda o: o.point.accuracy)
    axes.plot([throughput(o.point) for o in best], [o.point.accuracy for o in best], color=GREEN, label="frontier")
    _mark(axes, throughput(chosen.point), chosen.point.accuracy)
    axes.set(xscale="log", xlabel="tweets per second, the models alone", ylabel="accuracy, unseen groups")
    axes.legend(fontsize=8, loc="lower left")
    return axes


def calibration(probability: Floats, targets: Targets, prior: float | None = None, name: str = CLASSES[1]) -> Axes:
    """Draw the share of the named class, 1, against the published probability, in a stream with this share of it."""
    axes = new_axes("Calibration of the published probabilities", 5.2, 4.0)
    share, mean = _calibration_curve(probability, targets, prior_weights(targets, prior))
    axes.plot([0, 1], [0, 1], color=FAINT, linestyle="--", linewidth=1)
    axes.plot(mean, share, "o-", color=BLUE, markersize=5)
    axes.set(xlabel=f"P({plain(name)}) published", ylabel=f"share of {plain(name)}")
    return axes


def _calibration_curve(probability: Floats, targets: Targets, weights: Floats) -> tuple[Floats, Floats]:
    """Return the weighted share of disasters and the weighted mean probability in ten bins, without empty ones."""
    total, disasters, sums = (sum_in_bins(probability, weights * x) for x in (1, targets, probability))
    filled = total > 0
    return disasters[filled] / total[filled], sums[filled] / total[filled]


def probabilities(probability: Floats, targets: Targets, classes: ClassNames = CLASSES) -> Axes:
    """Draw a histogram of the published probabilities by true label."""
    names = list(map(plain, classes))
    axes = new_axes("Published probabilities", 5.2, 4.0)
    parts = [probability[targets == target] for target in (0, 1)]
    axes.hist(parts, bins=np.linspace(0, 1, 21).tolist(), stacked=True, color=[BLUE, ORANGE], label=names)
    axes.set(xlabel=f"P({names[1]}) published", ylabel="tweets")
    axes.legend(title="true label", fontsize=8)
    return axes


def _mark(axes: Axes, x: float, y: float) -> None:
    axes.plot([x], [y], "D", color=ORANGE, markersize=8, label="chosen")
