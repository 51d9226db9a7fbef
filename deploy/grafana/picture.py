"""A page as a picture, from what a Prometheus has: what Grafana shows, where no Grafana is."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

from deploy.grafana.answers import Prometheus, Series
from deploy.grafana.panels import Panel

mpl.use("Agg")
import matplotlib.pyplot as plt

_COLOURS = {"green": "#1a9850", "yellow": "#d9a400", "red": "#d73027", "blue": "#3274d9"}
_UNITS = {"s": "s", "short": "", "percentunit": "%", "bytes": "GB"}
_CELL = (0.62, 0.4)  # inches of Grafana's grid
_WIDE = 24
_HEADROOM = 1.2  # for the legend


def draw(rows: Mapping[str, Sequence[Panel]], prometheus: Prometheus, path: Path) -> None:
    """Draw all panels of a page, laid out as on it, into a file."""
    places, height = _places(rows)
    figure = plt.figure(figsize=(_WIDE * _CELL[0], height * _CELL[1]))
    for panel, left, top in places:
        axes = figure.add_axes(_box(panel, left, height - top, height))
        _DRAWERS[panel.kind](axes, panel, prometheus.series(panel))
        axes.set_title(prometheus.title(panel), fontsize=9, loc="left")
    figure.savefig(path, dpi=80)
    plt.close(figure)


def _box(panel: Panel, left: float, top: float, height: int) -> tuple[float, float, float, float]:
    """Return left, bottom, width and height of a panel's axes, of the picture's; beside and below is room for text."""
    inner = (left + 1.2, top - panel.height + 1.2, panel.width - 1.8, panel.height - 2.2)
    return inner[0] / _WIDE, inner[1] / height, inner[2] / _WIDE, inner[3] / height


def _places(rows: Mapping[str, Sequence[Panel]]) -> tuple[list[tuple[Panel, int, int]], int]:
    """Return each panel with its left and top, and the height of all."""
    places, left, top = [], 0, 0
    for panels in rows.values():
        for panel in panels:
            places.append((panel, left, top))
            left = (left + panel.width) % _WIDE
            top += 0 if left else panel.height
    return places, top


def _scaled(panel: Panel, values: Any) -> Any:  # noqa: ANN401 (a number or an array)
    return values * {"percentunit": 100, "bytes": 1e-9}.get(panel.unit, 1)


def _unit(panel: Panel) -> str:
    return _UNITS.get(panel.unit, panel.unit.removeprefix("suffix: "))


def _stat(axes: Any, panel: Panel, found: Sequence[Series]) -> None:  # noqa: ANN401 (matplotlib's axes)
    value = float(found[0].values[-1]) if found else float("nan")
    colour = [panel.base, *(name for limit, name in panel.steps if value >= limit)][-1]
    axes.axis("off")
    text = f"{_scaled(panel, value):,.3g} {_unit(panel)}" if value < 1e3 else f"{value:,.0f} {_unit(panel)}"
    axes.text(0.5, 0.45, text, color=_COLOURS[colour], fontsize=17, ha="center", va="center")


def _lines(axes: Any, panel: Panel, found: Sequence[Series]) -> None:  # noqa: ANN401 (matplotlib's axes)
    for series in found:
        axes.plot(_minutes(series), _scaled(panel, series.values), label=series.legend, linewidth=1.2)
    _finish(axes, panel, found)


def _stack(axes: Any, panel: Panel, found: Sequence[Series]) -> None:  # noqa: ANN401 (matplotlib's axes)
    times = np.unique(np.concatenate([series.times for series in found]))
    layers = [np.interp(times, series.times, _scaled(panel, series.values), left=0, right=0) for series in found]
    axes.stackplot((times - times[-1]) / 60, layers, labels=[series.legend for series in found], alpha=0.8)
    _finish(axes, panel, found)


def _finish(axes: Any, panel: Panel, found: Sequence[Series]) -> None:  # noqa: ANN401 (matplotlib's axes)
    top = axes.get_ylim()[1] * _HEADROOM
    axes.set_ylim(0, top)
    axes.set_ylabel(_unit(panel), fontsize=8)
    axes.tick_params(labelsize=7)
    axes.grid(alpha=0.25)
    for limit, colour in panel.steps:
        if _scaled(panel, limit) <= top:
            axes.axhline(_scaled(panel, limit), color=_COLOURS[colour], linestyle="--", linewidth=0.8)
    if any(series.legend for series in found):
        axes.legend(fontsize=7, loc="upper left", ncols=3, framealpha=0.6)


def _minutes(series: Series) -> Any:  # noqa: ANN401 (an array)
    return (series.times - series.times[-1]) / 60


def _heatmap(axes: Any, panel: Panel, found: Sequence[Series]) -> None:  # noqa: ANN401 (matplotlib's axes)
    rising = sorted(found, key=lambda series: float(series.labels["le"]))
    counts = np.diff([series.values for series in rising], axis=0, prepend=0)[:-1]
    bounds = [0.0, *(float(series.labels["le"]) for series in rising[:-1])]
    minutes = np.append(_minutes(rising[0]), 0.1)
    axes.pcolormesh(minutes, bounds, counts, cmap="viridis")
    axes.set_ylabel(_unit(panel), fontsize=8)
    axes.tick_params(labelsize=7)


def _table(axes: Any, _panel: Panel, found: Sequence[Series]) -> None:  # noqa: ANN401 (matplotlib's axes)
    lines = [
        f"{series.values[-1]:.0f} x  " + "  ".join(f"{k}={v}" for k, v in series.labels.items() if v)
        for series in found
    ]
    axes.axis("off")
    axes.text(0, 0.9, "\n".join(lines), fontsize=7, va="top", family="monospace", wrap=True)


_DRAWERS = {"stat": _stat, "lines": _lines, "stack": _stack, "heatmap": _heatmap, "table": _table}
