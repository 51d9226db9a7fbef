"""Prometheus from Debian's package."""

import json
import math
import re
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from deploy.demo.broker import free_port
from tests.deploy.compose import ROOT, read_yaml

RULES = ROOT / "deploy/prometheus/rules"


def binary(name: str) -> str:
    """Return the path of a program of Prometheus; skip the test if it is not installed."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"needs {name}: apt-get install prometheus")
    return path


def promtool() -> str:
    """Return the path of promtool; skip the test if it is not installed."""
    return binary("promtool")


class Prometheus:
    """A server with the project's configuration and rules that scrapes workers every second.

    Args:
        folder: for its data.
        ports: of the workers.

    """

    def __init__(self, folder: Path, ports: list[int]) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        (folder / "rules").mkdir()
        for path in RULES.glob("*.yml"):
            # promtool tests how long an alert waits; this server tests its expression.
            (folder / "rules" / path.name).write_text(re.sub(r"for: \d+m", "for: 1s", path.read_text()))
        YAML().dump(self._config(ports), folder / "prometheus.yml")
        self._command = [
            binary("prometheus"), f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn",
        ]  # fmt: skip

    @staticmethod
    def _config(ports: list[int]) -> dict[str, Any]:
        config: dict[str, Any] = read_yaml(ROOT / "deploy/prometheus/prometheus.yml")
        config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        job = config["scrape_configs"][0]
        assert job.pop("dns_sd_configs")
        job["static_configs"] = [{"targets": [f"127.0.0.1:{port}" for port in ports]}]
        config["scrape_configs"] = [job]
        return config

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run it for the length of a `with`."""
        process = subprocess.Popen(self._command)
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)

    def get(self, path: str, **parameters: str) -> Any:  # noqa: ANN401 (the answer's own structure)
        """Return the data of a response of the HTTP API; None while the server starts."""
        url = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                return json.load(response)["data"]
        except urllib.error.HTTPError as error:
            with error:
                if error.code != HTTPStatus.SERVICE_UNAVAILABLE:
                    raise AssertionError(f"{url}: {error.read().decode()}") from error
            return None
        except OSError:
            return None

    def values(self, expression: str) -> list[float]:
        """Return the present values of an expression, without NaN."""
        found = self.get("query", query=expression)
        numbers = [float(series["value"][1]) for series in found["result"]] if found else []
        return [number for number in numbers if not math.isnan(number)]

    def firing(self) -> set[str]:
        """Return the names of the firing alerts."""
        found = self.get("alerts")
        return {a["labels"]["alertname"] for a in found["alerts"] if a["state"] == "firing"} if found else set()
