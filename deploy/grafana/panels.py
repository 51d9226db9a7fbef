"""A panel: what it shows, said once; and how Grafana's SDK is told."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

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
"""The matchers of every selector: what the variables at the top of the page choose."""

Kind = Literal["stat", "lines", "stack", "heatmap", "table"]
Builder = stat.Panel | timeseries.Panel | heatmap.Panel | table.Panel


@dataclass(frozen=True)
class Panel:
    """What a panel shows.

    Args:
        kind: how.
        title: a few words.
        description: what a healthy picture is, and where to look when it is not.
        unit: as Grafana calls it.
        queries: expressions, `@` in the place of the matchers, and the legend of their series.
        steps: thresholds in rising order, value and colour; below the first it is green, or what `base` says.
        base: colour below the first threshold.
        width: of 24.

    """

    kind: Kind
    title: str
    description: str
    unit: str
    queries: Sequence[tuple[str, str]]
    steps: Sequence[tuple[float, str]] = ()
    base: str = "green"
    width: int = 12
    height: int = field(default=8)


def expression(text: str) -> str:
    """Return an expression with the matchers where `@` stands."""
    return text.replace("@,", f"{SELECTED},").replace("@", SELECTED)


def build(panel: Panel, number: int) -> Builder:
    """Return the SDK's builder of a panel; its number is the page's own."""
    built: Any = _common(_BUILDERS[panel.kind](panel), panel).id(number)
    for n, (text, legend) in enumerate(panel.queries):
        query = prometheus.Dataquery().expr(expression(text)).legend_format(legend).ref_id(chr(ord("A") + n))
        if panel.kind in {"stat", "table"}:
            query = query.instant()
        if panel.kind in {"heatmap", "table"}:
            query = query.format({"heatmap": PromQueryFormat.HEATMAP, "table": PromQueryFormat.TABLE}[panel.kind])
        built.with_target(query)
    finished: Builder = built
    return finished


def _common(built: Any, panel: Panel) -> Any:  # noqa: ANN401 (the SDK's builders share no base)
    steps = [Threshold(None, panel.base), *(Threshold(value, colour) for value, colour in panel.steps)]
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
    if not panel.steps:
        return built
    style = common.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED)
    return built.thresholds_style(style)


def _heatmap(_panel: Panel) -> heatmap.Panel:
    return heatmap.Panel().calculate(False).hide_legend()


def _table(_panel: Panel) -> table.Panel:
    return table.Panel()


_BUILDERS = {"stat": _stat, "lines": _lines, "stack": _lines, "heatmap": _heatmap, "table": _table}
