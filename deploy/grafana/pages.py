"""Dashboards assembled from panels, in Grafana's JSON."""

import json
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    VariableOption,
    VariableRefresh,
)

from deploy.grafana import model, overview
from deploy.grafana.panels import SOURCE, Panel, build

FOLDER = Path(__file__).parent / "dashboards"
Rows = Mapping[str, Sequence[Panel]]


def documents() -> dict[Path, str]:
    """Return the path and the JSON text of each dashboard."""
    stage = _variable("stage", "Stage", "label_values(cascade_stage_probability_count, stage)", all_values=False)
    pages = {
        "overview": _page(
            "Overview", "Throughput, latency, overload, decisions and errors of the workers.", overview.ROWS
        ),
        "model": _page("Model", "Probabilities, drift, cost and versions of the model.", model.ROWS).with_variable(
            stage
        ),
    }
    return {FOLDER / f"{name}.json": _json(page.uid(f"tweet-cascade-{name}")) for name, page in pages.items()}


def _page(title: str, description: str, rows: Rows) -> dashboard.Dashboard:
    page = (
        dashboard.Dashboard(f"tweet-cascade: {title}").description(description).tags(["tweet-cascade"]).readonly()
        .refresh("10s").time("now-1h", "now").timezone("browser").tooltip(DashboardCursorSync.CROSSHAIR)
        .link(dashboard.DashboardLink("Pages").type(DashboardLinkType.DASHBOARDS).tags(["tweet-cascade"]))
        .with_variable(dashboard.DatasourceVariable("source").label("Prometheus").type("prometheus"))
        .with_variable(_variable("group", "Consumer group", "label_values(cascade_ready, group)"))
        .with_variable(_variable("topic", "Topic", 'label_values(cascade_ready{group=~"$group"}, topic)'))
    )  # fmt: skip
    numbers = count(1)
    for name, panels in rows.items():
        page = page.with_row(dashboard.Row(name).id(next(numbers)))
        for panel in panels:
            page = page.with_panel(build(panel, next(numbers)))
    return page


def _variable(name: str, label: str, query: str, *, all_values: bool = True) -> dashboard.QueryVariable:
    built = dashboard.QueryVariable(name).label(label).query(query).datasource(SOURCE)
    built = built.refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
    if not all_values:
        return built
    return built.include_all(True).multi(True).all_value(".*").current(VariableOption(True, ["All"], ["$__all"]))


def _json(page: dashboard.Dashboard) -> str:
    return json.dumps(page.build(), cls=JSONEncoder, indent=2, sort_keys=True) + "\n"
