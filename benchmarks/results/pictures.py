"""Pictures of the latency distribution, and of a burst over time."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.load_generator.phases import LoadPhase
from benchmarks.results.scoring import Timeline
from training.pictures.style import BLUE, COLOURS, FAINT, ORANGE, new_axes, save
from worker.types import Floats

_MARKS = {1.0: "0 %", 0.5: "50 %", 0.1: "90 %", 0.05: "95 %", 0.01: "99 %", 0.001: "99.9 %"}
_MODE_COLOURS = {"shed": BLUE, "lag": ORANGE}
_BIN_S = 0.5
_ACCURACY_BIN_S = 2.0  # of 0.5 s it is mostly noise


def draw_latency(latencies: Mapping[str, Sequence[float]], path: Path) -> None:
    """Draw the distribution of latencies, in ms, for each load, and write it as SVG; both axes are logarithmic."""
    axes = new_axes("Latency from tweet to label: share of tweets that are labelled")
    for colour, (name, values) in zip(COLOURS, latencies.items(), strict=False):
        took = np.sort(np.asarray(values))
        axes.plot(np.maximum(took, 1), 1 - np.arange(len(took)) / len(took), color=colour, label=name)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_yticks(list(_MARKS), list(_MARKS.values()))
    axes.set_ylim(1, 0.0005)
    axes.set_xlabel("milliseconds")
    axes.legend()
    save(axes, path)


def draw_burst(lines: Mapping[str, Timeline], phases: Sequence[LoadPhase], objective_s: float, path: Path) -> None:
    """Draw lag, latency, share shed and accuracy over the time of arrival, with the burst in grey; write the file."""
    figure = Figure(figsize=(9, 10), layout="constrained")
    lag, latency, shed, accuracy = figure.subplots(4, 1, sharex=True)
    end = sum(phase.seconds for phase in phases)
    for mode, line in lines.items():
        moments: Floats = np.arange(0, max(end, float(line.labelled.max())), 0.1)
        for axes, (x, y) in (
            (lag, (moments, line.backlog(moments))),
            (latency, _binned(line, line.latency, _p99, end)),
            (shed, _binned(line, np.where(line.shed, 100.0, 0.0), np.mean, end)),
            (accuracy, _binned(line, 100.0 * line.correct, np.mean, end, _ACCURACY_BIN_S)),
        ):
            axes.plot(x, y, color=_MODE_COLOURS[mode], label=mode)
    latency.axhline(objective_s, color=FAINT, linestyle="--", label="objective")
    latency.set_yscale("log")
    _label(lag, "tweets waiting for a label")
    _label(latency, "latency, 99 %, s")
    _label(shed, "shed, % of the tweets")
    _label(accuracy, "accuracy, %, over 2 s")
    for axes in (lag, latency, shed, accuracy):
        axes.axvspan(phases[0].seconds, phases[0].seconds + phases[1].seconds, color=FAINT, alpha=0.15)
    accuracy.set_xlabel("time of the tweets' arrival, s")
    figure.savefig(path, dpi=110)


def _p99(values: Floats) -> float:
    return float(np.quantile(values, 0.99))


def _binned(
    line: Timeline, values: Floats, summary: Callable[[Floats], float | np.floating], end: float, width: float = _BIN_S
) -> tuple[Floats, Floats]:
    """Return the centers of equal intervals of arrival time, and the summary of each one's values; NaN for none."""
    edges = np.arange(0, end + width / 2, width)
    parts = np.split(values, np.searchsorted(line.arrival, edges[1:-1]))
    return (edges[:-1] + edges[1:]) / 2, np.array([summary(part) if len(part) else np.nan for part in parts])


def _label(axes: Axes, text: str) -> None:
    axes.set_ylabel(text)
    axes.grid(visible=True, alpha=0.25)
    axes.legend(loc="upper right")
