"""The services of docker-compose.yml, run by Docker Compose under a project name and ports of the tests."""

import json
import os
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from deploy.kafka.ports import free_ports
from tests.deploy.compose import COMPOSE, ROOT

PROJECT = "tweet-cascade-test"
WORKERS = 3
_PROFILES = ("--profile", "demo")


def docker(*arguments: str, seconds: float = 120) -> str:
    """Run Docker's client; return its output; fail with its errors."""
    done = subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, timeout=seconds, check=False, cwd=ROOT
    )
    assert done.returncode == 0, f"docker {' '.join(arguments)}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


def wait_until(condition: Callable[[], bool], seconds: float, message: Callable[[], object]) -> None:
    """Poll a condition every second until it holds; fail with the message after that many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, message()
        time.sleep(1)


class Stack:
    """A running stack.

    Args:
        folder: for files that override docker-compose.yml.

    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kafka, self._prometheus, grafana = free_ports(3)
        os.environ |= {"COMPOSE_PROJECT_NAME": PROJECT, "KAFKA_PORT": str(self._kafka),
                       "PROMETHEUS_PORT": str(self._prometheus), "GRAFANA_PORT": str(grafana)}  # fmt: skip

    @property
    def servers(self) -> str:
        """Kafka's address for clients outside the containers."""
        return f"localhost:{self._kafka}"

    def compose(self, *arguments: str, seconds: float = 120) -> str:
        """Run Docker Compose with the project's file."""
        return docker("compose", *arguments, seconds=seconds)

    def scale(self, environment: Mapping[str, str] | None = None) -> None:
        """Start three workers, if need be with other settings, and wait until they are healthy."""
        override = self._folder / "override.yml"
        override.write_text(json.dumps({"services": {"worker": {"environment": dict(environment or {})}}}))
        self.compose("--file", str(COMPOSE), "--file", str(override), "up", "--detach", "--scale", f"worker={WORKERS}",
                     seconds=300)  # fmt: skip
        self.wait_healthy("worker", WORKERS)

    def containers(self, service: str) -> list[str]:
        """Return the ids of a service's containers, also of those that ended."""
        return self.compose(*_PROFILES, "ps", "--all", "--quiet", service).split()

    def inspect(self, container: str) -> Any:  # noqa: ANN401 (Docker's own structure)
        """Return what Docker knows of a container."""
        return json.loads(docker("inspect", container))[0]

    def states(self, service: str) -> list[dict[str, Any]]:
        """Return the state of each container of a service."""
        return [self.inspect(container)["State"] for container in self.containers(service)]

    def wait_healthy(self, service: str, count: int = 1) -> None:
        """Wait until that many containers of a service are healthy."""

        def healthy() -> bool:
            return [s.get("Health", {}).get("Status") for s in self.states(service)].count("healthy") == count

        wait_until(healthy, 120, lambda: f"{service}: {self.states(service)}{self.logs(service)}")

    def kill(self, container: str) -> None:
        """Send SIGKILL to all processes of a container, as its own user: Docker starts it again, as after a crash."""
        command = ("exec", container, "sh", "-c", "kill -s KILL -- -1")
        subprocess.run(["docker", *command], capture_output=True, timeout=60, check=False)

    def logs(self, service: str) -> str:
        """Return the end of a service's logs."""
        return self.compose(*_PROFILES, "logs", "--no-color", "--tail", "30", service)[-3000:]

    def ask_prometheus(self, path: str) -> Any:  # noqa: ANN401 (Prometheus' own structure)
        """Return the data of a response of Prometheus' API."""
        with urllib.request.urlopen(f"http://localhost:{self._prometheus}/api/v1/{path}", timeout=10) as answer:
            return json.load(answer)["data"]

    def series(self, query: str) -> list[dict[str, Any]]:
        """Return the series of a query."""
        found: list[dict[str, Any]] = self.ask_prometheus(f"query?query={urllib.parse.quote(query)}")["result"]
        return found

    def down(self) -> None:
        """Remove containers, network and volumes."""
        self.compose(*_PROFILES, "down", "--volumes", "--remove-orphans", "--timeout", "10")
