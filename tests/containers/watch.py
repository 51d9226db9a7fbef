"""Memory and CPU of the containers while a test runs."""

import json
import subprocess
from collections import defaultdict
from threading import Event, Thread

from tests.containers.stack import PROJECT

_UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def mebibytes(text: str) -> float:
    """Return a size that Docker printed.

    >>> mebibytes("1.5GiB")
    1536.0

    """
    unit = max((unit for unit in _UNITS if text.endswith(unit)), key=len)
    return float(text.removesuffix(unit)) * _UNITS[unit] / 2**20


class Watch:
    """Samples `docker stats` every few seconds, in a thread."""

    def __init__(self) -> None:
        self._peaks: defaultdict[str, list[tuple[float, float, float]]] = defaultdict(list)
        self._stop = Event()
        self._thread = Thread(target=self._sample, daemon=True)
        self._thread.start()

    def _sample(self) -> None:
        command = ["docker", "stats", "--no-stream", "--format", "json"]
        while not self._stop.wait(3):
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            for line in done.stdout.splitlines():
                self._add(json.loads(line))

    def _add(self, found: dict[str, str]) -> None:
        if found["Name"].startswith(PROJECT) and "/" in found["MemUsage"]:
            used, limit = (mebibytes(size.strip()) for size in found["MemUsage"].split("/"))
            self._peaks[found["Name"]].append((used, limit, float(found["CPUPerc"].rstrip("%")) / 100))

    def peaks(self) -> dict[str, tuple[float, float, float]]:
        """Return for each container its largest use of memory, its limit (both in MiB), and of CPUs."""
        return {name: tuple(max(column) for column in zip(*rows, strict=True)) for name, rows in self._peaks.items()}

    def close(self) -> None:
        """End the thread."""
        self._stop.set()
        self._thread.join(60)
