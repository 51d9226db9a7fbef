"""The common style of all pictures. As SVG they suit light and dark pages."""

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Text

INK = "#010203"  # replaced by the page's text color when the SVG is written
FAINT = "#7f7f80"  # readable on white and on black
BLUE, ORANGE, GREEN, RED, PURPLE, BROWN = "#3b8bd0", "#e08a1e", "#2ca089", "#d1495b", "#9a6fc4", "#a9826b"
COLOURS = (BLUE, ORANGE, GREEN, RED, PURPLE, BROWN, "#d07ab0", "#8c9aa8")
"""Distinguishable for the color-blind, on white and on black."""

_STYLE: Any = {  # Any: matplotlib types the keys of a context one by one
    "svg.fonttype": "none",
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK),
}


def new_axes(title: str, width: float = 6.4, height: float = 4.0) -> Axes:
    """Return empty axes on their own transparent figure; sizes in inches."""
    with rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.add_subplot()
        axes.set_title(title)
        axes.grid(visible=True, color=FAINT, alpha=0.25, linewidth=0.6)
        axes.set_axisbelow(True)
    figure.patch.set_alpha(0)
    axes.patch.set_alpha(0)
    return axes


def new_grid(
    titles: Sequence[str], columns: int = 4, size: float = 2.4, height: float = 2.4, *, share_x: bool = True
) -> list[Axes]:
    """Return one small plot per title, with shared scales; width (`size`) and height of each in inches."""
    rows = -(-len(titles) // columns)
    with rc_context(_STYLE):
        figure = Figure(figsize=(columns * size, rows * height), layout="constrained")
        grid = list(figure.subplots(rows, columns, squeeze=False, sharex=share_x, sharey=True).flat)
    figure.patch.set_alpha(0)
    for axes, title in zip(grid, titles, strict=False):
        axes.set_title(title, fontsize=9)
        axes.patch.set_alpha(0)
        axes.grid(visible=True, color=FAINT, alpha=0.25, linewidth=0.6)
    for axes in grid[len(titles) :]:
        axes.set_visible(False)
    return grid[: len(titles)]


def plain(text: str) -> str:
    """Return a text as matplotlib draws it literally, not as a formula."""
    return text.replace("$", r"\$")


def svg(axes: Axes, name: str) -> str:
    """Return the whole figure of the axes as an SVG element in the page's text color; its ids start with the name."""
    figure, file = axes.figure.get_figure(root=True), io.StringIO()
    _use_ink(figure)
    with rc_context({**_STYLE, "svg.hashsalt": name}):
        figure.savefig(file, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    text = file.getvalue().replace(INK, "currentColor")
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'(href="#|url\(#)', rf"\1{name}-", text)
    return text[text.index("<svg") :]


def _use_ink(figure: Figure) -> None:
    """Apply the style to texts and legends that were added after the axes were created."""
    for text in figure.findobj(Text):
        if isinstance(text, Text) and text.get_color() == "black":
            text.set_color(INK)
    for legend in figure.findobj(Legend):
        if isinstance(legend, Legend):
            legend.set_frame_on(False)


def save(axes: Axes, path: Path) -> None:
    """Write the whole figure of the axes as an SVG file, dark on white."""
    text = svg(axes, path.stem)
    path.write_text(text.replace("<svg ", '<svg style="color: #1a1a1a; background: white" ', 1), encoding="utf-8")
