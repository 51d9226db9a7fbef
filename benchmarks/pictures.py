"""The latencies' distribution as a picture, in the look of training's."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from training.pictures.style import COLOURS, new_axes, save

_MARKS = {1.0: "0 %", 0.5: "50 %", 0.1: "90 %", 0.05: "95 %", 0.01: "99 %", 0.001: "99.9 %"}


def draw_latency(latencies: Mapping[str, Sequence[float]], path: Path) -> None:
    """Draw, for each load, which share of the tweets took longer, and write it as SVG; both axes are logarithmic."""
    axes = new_axes("From a tweet to its label: share of tweets that are done")
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
