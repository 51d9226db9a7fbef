"""Client of Prometheus that queries the expressions of a panel."""

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
    """A line of a panel: legend, labels, and times (seconds since 1970) and values, both of shape (n,)."""

    legend: str
    labels: Mapping[str, str]
    times: NDArray[np.float64]
    values: NDArray[np.float64]


class Prometheus:
    """A Prometheus server and a period.

    Args:
        url: of the server.
        end: of the period, in seconds since 1970.
        minutes: length of the period.
        stage: value of the page's variable `stage`.

    """

    def __init__(self, url: str, end: float, minutes: float, stage: str) -> None:
        self._url = url.rstrip("/")
        self._range = {"start": end - minutes * 60, "end": end, "step": max(5.0, minutes * 60 / 200)}
        self._variables = {**_VARIABLES, "$stage": stage}

    def title(self, panel: Panel) -> str:
        """Return the panel's title with its variables replaced."""
        return self._replaced(panel.title)

    def series(self, panel: Panel) -> list[Series]:
        """Return the panel's lines.

        Raises:
            BrokerError: Prometheus does not answer.

        """
        return [
            found for text, legend in panel.queries for found in self._query(self._replaced(expression(text)), legend)
        ]

    def _replaced(self, text: str) -> str:
        return re.sub("|".join(map(re.escape, self._variables)), lambda found: self._variables[found[0]], text)

    def _query(self, query: str, legend: str) -> list[Series]:
        parameters = urllib.parse.urlencode({"query": query, **self._range})
        url = f"{self._url}/api/v1/query_range?{parameters}"
        try:
            with urllib.request.urlopen(url, timeout=_SECONDS) as response:  # noqa: S310 (the user chose it)
                found = json.load(response)["data"]["result"]
        except (OSError, ValueError, KeyError) as error:
            raise BrokerError(
                f"Prometheus does not answer at {self._url}: {error}; pass another address with --url"
            ) from error
        return [_series(one, legend) for one in found]


def _series(found: Mapping[str, object], legend: str) -> Series:
    labels: dict[str, str] = dict(found["metric"])  # type: ignore[call-overload]
    points = np.array(found["values"], dtype=np.float64)
    return Series(re.sub(r"\{\{(\w+)\}\}", lambda m: labels.get(m[1], ""), legend), labels, points[:, 0], points[:, 1])
