"""Services of docker-compose.yml as processes: their commands and environment, with paths and addresses replaced."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.demo.broker import free_port
from tests.deploy.compose import last, services


class ServiceProcesses:
    """Runs services as processes on this machine.

    Args:
        bootstrap_servers: address of the broker that replaces the service `kafka`.
        folder: replaces the containers' volumes and temporary files.

    """

    def __init__(self, bootstrap_servers: str, folder: Path) -> None:
        self._folder = folder
        self._replacements = {
            "kafka:19092": bootstrap_servers,
            "0.0.0.0": "127.0.0.1",  # noqa: S104 (the value in the file)
            "/models": str(folder / "models"),
            "/tmp": str(folder),  # noqa: S108 (the path in the file)
            "/app": str(Path(__file__).parents[2]),
        }
        self.started: list[subprocess.Popen[str]] = []

    def start(self, name: str, port: int = 0) -> subprocess.Popen[str]:
        """Start a service; `port` replaces the metrics port 8000, which only containers can share."""
        service = services()[name]
        entrypoint = service.get("entrypoint", last(self.target(name), "ENTRYPOINT"))
        environment = self.environment(service.get("environment", {}), port)
        self.started.append(self._run([*entrypoint, *service["command"]], environment))
        return self.started[-1]

    def check(self, name: str, port: int) -> subprocess.Popen[str]:
        """Start the health check of a service."""
        service = services()[name]
        kind, *command = service["healthcheck"]["test"]
        assert kind == "CMD"
        return self._run(command, self.environment(service["environment"], port))

    @staticmethod
    def target(name: str) -> str:
        """Return the target in the Dockerfile of a service's image."""
        image = services()[name]["image"]
        builds = [s["build"] for s in services().values() if s["image"] == image and "build" in s]
        return str(builds[0]["target"])

    def environment(self, given: Mapping[str, str], port: int) -> dict[str, str]:
        """Return the service's environment with the variables that Python needs."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
        ours = {name: self._replaced(value) for name, value in given.items()}
        if (
            "CASCADE_METRICS_PORT" in ours
        ):  # a worker; the embedded broker delays a rebalance by half of the session timeout
            ours |= {"CASCADE_METRICS_PORT": str(port or free_port()), "CASCADE_SESSION_TIMEOUT": "6s"}
        return {**kept, **ours}

    def _replaced(self, value: str) -> str:
        return re.sub("|".join(map(re.escape, self._replacements)), lambda found: self._replacements[found[0]], value)

    def _run(self, command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[str]:
        argv = [sys.executable if word == "python" else self._replaced(word) for word in command]
        return subprocess.Popen(
            argv, cwd=self._folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def close(self) -> None:
        """Kill the services that still run."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.communicate()
