"""Picture of a dashboard, drawn with data from Prometheus and without Grafana."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

from deploy.grafana.answers import Prometheus, Series
from deploy.grafana.panels import Panel

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

Values: TypeAlias = Any
"""A number or an array."""

_COLORS = {"green": "#1a9850", "yellow": "#d9a400", "red": "#d73027", "blue": "#3274d9"}
_UNITS = {"s": "s", "short": "", "percentunit": "%", "bytes": "GB"}
_CELL = (0.62, 0.4)  # inches of a cell of Grafana's grid
_COLUMNS = 24
_HEADROOM = 1.2  # for the legend


def draw(rows: Mapping[str, Sequence[Panel]], prometheus: Prometheus, path: Path) -> None:
    """Draw all panels of a page into a file, in the layout of the page."""
    places, height = _places(rows)
    figure = plt.figure(figsize=(_COLUMNS * _CELL[0], height * _CELL[1]))
    for panel, left, top in places:
        axes = figure.add_axes(_box(panel, left, height - top, height))
        _DRAWERS[panel.kind](axes, panel, prometheus.series(panel))
        axes.set_title(prometheus.title(panel), fontsize=9, loc="left")
    figure.savefig(path, dpi=80)
    plt.close(figure)


def _box(panel: Panel, left: float, top: float, height: int) -> tuple[float, float, float, float]:
    """Return left, bottom, width and height of a panel's axes, from 0 to 1 of the picture, with room for text."""
    inner = (left + 1.2, top - panel.height + 1.2, panel.width - 1.8, panel.height - 2.2)
    return inner[0] / _COLUMNS, inner[1] / height, inner[2] / _COLUMNS, inner[3] / height


def _places(rows: Mapping[str, Sequence[Panel]]) -> tuple[list[tuple[Panel, int, int]], int]:
    """Return each panel with its left and top, and the height of the page, in cells."""
    places, left, top = [], 0, 0
    for panels in rows.values():
        for panel in panels:
            places.append((panel, left, top))
            left = (left + panel.width) % _COLUMNS
            top += 0 if left else panel.height
    return places, top


def _scaled(panel: Panel, values: Values) -> Values:
    return values * {"percentunit": 100, "bytes": 1e-9}.get(panel.unit, 1)


def _unit(panel: Panel) -> str:
    return _UNITS.get(panel.unit, panel.unit.removeprefix("suffix: "))


def _stat(axes: Axes, panel: Panel, found: Sequence[Series]) -> None:
    value = float(found[0].values[-1]) if found else float("nan")
    color = [panel.base, *(name for limit, name in panel.thresholds if value >= limit)][-1]
    axes.axis("off")
    text = f"{_scaled(panel, value):,.3g} {_unit(panel)}" if value < 1e3 else f"{value:,.0f} {_unit(panel)}"
    axes.text(0.5, 0.45, text, color=_COLORS[color], fontsize=17, ha="center", va="center")


def _lines(axes: Axes, panel: Panel, found: Sequence[Series]) -> None:
    for series in found:
        axes.plot(_minutes(series), _scaled(panel, series.values), label=series.legend, linewidth=1.2)
    _finish(axes, panel, found)


def _stack(axes: Axes, panel: Panel, found: Sequence[Series]) -> None:
    times = np.unique(np.concatenate([series.times for series in found]))
    layers = [np.interp(times, series.times, _scaled(panel, series.values), left=0, right=0) for series in found]
    axes.stackplot((times - times[-1]) / 60, layers, labels=[series.legend for series in found], alpha=0.8)
    _finish(axes, panel, found)


def _finish(axes: Axes, panel: Panel, found: Sequence[Series]) -> None:
    top = axes.get_ylim()[1] * _HEADROOM
    axes.set_ylim(0, top)
    axes.set_ylabel(_unit(panel), fontsize=8)
    axes.tick_params(labelsize=7)
    axes.grid(alpha=0.25)
    for limit, color in panel.thresholds:
        if _scaled(panel, limit) <= top:
            axes.axhline(_scaled(panel, limit), color=_COLORS[color], linestyle="--", linewidth=0.8)
    if any(series.legend for series in found):
        axes.legend(fontsize=7, loc="upper left", ncols=3, framealpha=0.6)


def _minutes(series: Series) -> NDArray[np.float64]:
    minutes: NDArray[np.float64] = (series.times - series.times[-1]) / 60
    return minutes


def _heatmap(axes: Axes, panel: Panel, found: Sequence[Series]) -> None:
    rising = sorted(found, key=lambda series: float(series.labels["le"]))
    counts = np.diff([series.values for series in rising], axis=0, prepend=0)[:-1]
    bounds = [0.0, *(float(series.labels["le"]) for series in rising[:-1])]
    minutes = np.append(_minutes(rising[0]), 0.1)
    axes.pcolormesh(minutes, bounds, counts, cmap="viridis")
    axes.set_ylabel(_unit(panel), fontsize=8)
    axes.tick_params(labelsize=7)


def _table(axes: Axes, _panel: Panel, found: Sequence[Series]) -> None:
    lines = [
        f"{series.values[-1]:.0f} x  " + "  ".join(f"{k}={v}" for k, v in series.labels.items() if v)
        for series in found
    ]
    axes.axis("off")
    axes.text(0, 0.9, "\n".join(lines), fontsize=7, va="top", family="monospace", wrap=True)


_DRAWERS = {"stat": _stat, "lines": _lines, "stack": _stack, "heatmap": _heatmap, "table": _table}
