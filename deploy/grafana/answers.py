"""What Prometheus answers to a panel's expressions."""

import json
import re
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deploy.grafana.panels import Panel, expression
from worker.errors import BrokerError

_SECONDS = 30
_VARIABLES = {"$__rate_interval": "30s", "$group": ".*", "$topic": ".*"}


class Series(NamedTuple):
    """A line: its legend, its labels, and its values over time, both of shape (n,)."""

    legend: str
    labels: Mapping[str, str]
    times: NDArray[np.float64]
    values: NDArray[np.float64]


class Prometheus:
    """A server to ask.

    Args:
        url: of it.
        end: seconds since 1970.
        minutes: how far to look back from there.
        stage: what the page's variable of this name is.

    """

    def __init__(self, url: str, end: float, minutes: float, stage: str) -> None:
        self._url = url.rstrip("/")
        self._range = {"start": end - minutes * 60, "end": end, "step": max(5.0, minutes * 60 / 200)}
        self._variables = {**_VARIABLES, "$stage": stage}

    def title(self, panel: Panel) -> str:
        """Return the panel's title with its variables filled in."""
        return self._filled(panel.title)

    def series(self, panel: Panel) -> list[Series]:
        """Return the panel's lines.

        Raises:
            BrokerError: nothing answers there, or not as Prometheus does.

        """
        return [found for text, legend in panel.queries for found in self._ask(self._filled(expression(text)), legend)]

    def _filled(self, text: str) -> str:
        return re.sub("|".join(map(re.escape, self._variables)), lambda found: self._variables[found[0]], text)

    def _ask(self, query: str, legend: str) -> list[Series]:
        parameters = urllib.parse.urlencode({"query": query, **self._range})
        url = f"{self._url}/api/v1/query_range?{parameters}"
        try:
            with urllib.request.urlopen(url, timeout=_SECONDS) as answer:  # noqa: S310 (the user names it)
                found = json.load(answer)["data"]["result"]
        except (OSError, ValueError, KeyError) as error:
            raise BrokerError(f"no Prometheus answers at {self._url}: {error}; name another with --url") from error
        return [_series(one, legend) for one in found]


def _series(found: Mapping[str, object], legend: str) -> Series:
    labels: dict[str, str] = dict(found["metric"])  # type: ignore[call-overload]
    points = np.array(found["values"], dtype=np.float64)
    return Series(re.sub(r"\{\{(\w+)\}\}", lambda m: labels.get(m[1], ""), legend), labels, points[:, 0], points[:, 1])
