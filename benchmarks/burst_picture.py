"""The burst through time, both modes in one picture."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.schedule import Phase
from benchmarks.scoring import Timeline
from worker.types import Floats

_COLOURS = {"shed": "#3b8bd0", "lag": "#e08a1e"}
_BIN_S = 0.5


def draw(lines: Mapping[str, Timeline], phases: Sequence[Phase], objective_s: float, path: Path) -> None:
    """Write lag, latency, share shed and accuracy over the time of sending; the burst is grey."""
    figure = Figure(figsize=(9, 10), layout="constrained")
    lag, latency, shed, accuracy = figure.subplots(4, 1, sharex=True)
    end = sum(phase.seconds for phase in phases)
    for mode, line in lines.items():
        moments: Floats = np.arange(0, max(end, float(line.out.max())), 0.1)
        for axes, (x, y) in (
            (lag, (moments, line.waiting(moments))),
            (latency, binned(line, line.latency, _p99, end)),
            (shed, binned(line, np.where(line.shed, 100.0, 0.0), _mean, end)),
            (accuracy, binned(line, 100.0 * line.right, _mean, end, 4 * _BIN_S)),
        ):
            axes.plot(x, y, color=_COLOURS[mode], label=mode)
    latency.axhline(objective_s, color="#7f7f80", linestyle="--", label="objective")
    latency.set_yscale("log")
    _label(lag, "sent and not labelled yet")
    _label(latency, "latency, 99 %, s")
    _label(shed, "shed, % of the tweets")
    _label(accuracy, "accuracy, %, 2 s each")
    for axes in (lag, latency, shed, accuracy):
        axes.axvspan(phases[0].seconds, phases[0].seconds + phases[1].seconds, color="#7f7f80", alpha=0.15)
    accuracy.set_xlabel("s since the beginning, when the tweets were sent")
    figure.savefig(path, dpi=110)


def _p99(values: Floats) -> float:
    return float(np.quantile(values, 0.99))


def _mean(values: Floats) -> float:
    return float(values.mean())


def binned(
    line: Timeline,
    values: Floats,
    summed_up: Callable[[Floats], float],
    end: float,
    width: float = _BIN_S,
) -> tuple[Floats, Floats]:
    """Return the middles of equal times, and what the tweets that were sent in each add up to; none where none was."""
    edges = np.arange(0, end + width / 2, width)
    parts = np.split(values, np.searchsorted(line.sent, edges[1:-1]))
    told = [summed_up(part) if len(part) else np.nan for part in parts]
    return (edges[:-1] + edges[1:]) / 2, np.array(told)


def _label(axes: Axes, text: str) -> None:
    axes.set_ylabel(text)
    axes.grid(visible=True, alpha=0.25)
    axes.legend(loc="upper right")
