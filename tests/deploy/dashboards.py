"""Expressions of dashboards and rules, with variables replaced."""

import json
import re
from collections.abc import Iterator
from typing import Any

import promql_parser

from deploy.grafana.pages import documents
from tests.deploy.compose import read_yaml
from tests.deploy.prometheus import RULES

_VARIABLES = {"$__rate_interval": "30s", "$group": ".*", "$topic": ".*", "$stage": "baseline"}
_COMPARING = {"==", "!=", ">", "<", ">=", "<=", "and", "or", "unless"}


def panels() -> Iterator[dict[str, Any]]:
    """Yield every panel of every page, without the row titles."""
    for text in documents().values():
        yield from (panel for panel in json.loads(text)["panels"] if panel["type"] != "row")


def filled(expression: str) -> str:
    """Return a panel's expression with its variables replaced."""
    return re.sub("|".join(map(re.escape, _VARIABLES)), lambda found: _VARIABLES[found[0]], expression)


def variables() -> set[str]:
    """Return the series that give the values of the pages' variables, with variables replaced."""
    pages = [json.loads(text) for text in documents().values()]
    queries = {v["query"] for page in pages for v in page["templating"]["list"] if v["type"] == "query"}
    return {filled(re.fullmatch(r"label_values\((.*), \w+\)", query)[1]) for query in queries}  # type: ignore[index]


def rules(kind: str) -> dict[str, dict[str, Any]]:
    """Return all rules of a kind (`record` or `alert`), by name."""
    groups = [group for path in sorted(RULES.glob("*.yml")) for group in read_yaml(path)["groups"]]
    return {rule[kind]: rule for group in groups for rule in group["rules"] if kind in rule}


def operands(expression: str) -> list[str]:
    """Return the operands of an alert's comparisons: they have data even while the alert is silent."""
    return [part for part in _operands(promql_parser.parse(expression)) if not re.fullmatch(r"[\d.]+", part)]


def _operands(node: Any) -> list[str]:  # noqa: ANN401 (the parser's nodes share no base)
    if isinstance(node, promql_parser.ParenExpr):
        return _operands(node.expr)
    if isinstance(node, promql_parser.BinaryExpr) and str(node.op) in _COMPARING:
        return _operands(node.lhs) + _operands(node.rhs)
    if isinstance(node, promql_parser.Call) and node.func.name == "absent":
        return _operands(node.args[0])
    return [node.prettify()]
