"""Panels: one description of each, and its translation to Grafana's SDK."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from grafana_foundation_sdk.builders import common, heatmap, prometheus, stat, table, timeseries
from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.models.common import (
    BigValueGraphMode,
    DataSourceRef,
    GraphThresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
    TooltipDisplayMode,
)
from grafana_foundation_sdk.models.dashboard import Threshold, ThresholdsMode
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

SOURCE = DataSourceRef(type_val="prometheus", uid="${source}")
SELECTED = 'group=~"$group",topic=~"$topic"'
"""The matchers of every selector: the variables at the top of the page."""

Kind = Literal["stat", "lines", "stack", "heatmap", "table"]
Builder = stat.Panel | timeseries.Panel | heatmap.Panel | table.Panel
AnyBuilder: TypeAlias = Any
"""The SDK's builders share no base class."""


@dataclass(frozen=True)
class Panel:
    """A panel of a dashboard.

    Args:
        kind: type of the panel.
        title: a few words.
        description: what a healthy picture looks like, and where to look otherwise.
        unit: Grafana's name of the unit.
        queries: expressions, with `@` in place of the matchers, each with the legend of its series.
        thresholds: value and color, in rising order.
        base: color below the first threshold.
        width: of 24 columns.
        height: in rows of Grafana's grid.

    """

    kind: Kind
    title: str
    description: str
    unit: str
    queries: Sequence[tuple[str, str]]
    thresholds: Sequence[tuple[float, str]] = ()
    base: str = "green"
    width: int = 12
    height: int = 8


def expression(text: str) -> str:
    """Return an expression with `@` replaced by the matchers."""
    return text.replace("@,", f"{SELECTED},").replace("@", SELECTED)


def build(panel: Panel, number: int) -> Builder:
    """Return the SDK's builder of a panel; the number is unique on its page."""
    built: AnyBuilder = _common(_BUILDERS[panel.kind](panel), panel).id(number)
    for n, (text, legend) in enumerate(panel.queries):
        query = prometheus.Dataquery().expr(expression(text)).legend_format(legend).ref_id(chr(ord("A") + n))
        if panel.kind in {"stat", "table"}:
            query = query.instant()
        if panel.kind in {"heatmap", "table"}:
            query = query.format({"heatmap": PromQueryFormat.HEATMAP, "table": PromQueryFormat.TABLE}[panel.kind])
        built.with_target(query)
    finished: Builder = built
    return finished


def _common(built: AnyBuilder, panel: Panel) -> AnyBuilder:
    steps = [Threshold(None, panel.base), *(Threshold(value, color) for value, color in panel.thresholds)]
    thresholds = ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)
    built = built.title(panel.title).description(panel.description).unit(panel.unit).thresholds(thresholds)
    return built.datasource(SOURCE).span(panel.width).height(panel.height)


def _stat(_panel: Panel) -> stat.Panel:
    reduced = common.ReduceDataOptions().calcs(["lastNotNull"])
    return stat.Panel().reduce_options(reduced).graph_mode(BigValueGraphMode.NONE)


def _lines(panel: Panel) -> timeseries.Panel:
    legend = common.VizLegendOptions().display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM)
    tooltip = common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI)
    built = timeseries.Panel().legend(legend.show_legend(True)).tooltip(tooltip).min(0).fill_opacity(10)
    if panel.kind == "stack":
        return built.stacking(common.StackingConfig().mode(StackingMode.NORMAL)).fill_opacity(60)
    if not panel.thresholds:
        return built
    style = common.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED)
    return built.thresholds_style(style)


def _heatmap(_panel: Panel) -> heatmap.Panel:
    return heatmap.Panel().calculate(False).hide_legend()


def _table(_panel: Panel) -> table.Panel:
    return table.Panel()


_BUILDERS = {"stat": _stat, "lines": _lines, "stack": _lines, "heatmap": _heatmap, "table": _table}
