"""What a benchmark says: facts of the machine, tables, and JSON."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from worker.errors import SettingError

Row = dict[str, object]
_PACKAGES = (
    "tweet-cascade", "kafka-python", "confluent-kafka", "quixstreams", "faststream", "aiokafka", "tensorflow", "numpy",
    "scikit-learn",
)  # fmt: skip


def facts(**more: str) -> dict[str, str]:
    """Return what a figure depends on beside the code: machine, load, versions, commit; and what else is named."""
    found = {
        "at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "machine": f"{os.cpu_count()} x {_processor()}, {platform.system()} {platform.release()}",
        "load": " ".join(f"{load:.2f}" for load in os.getloadavg()),
        "commit": _commit(),
        "python": platform.python_version(),
    }
    for name in _PACKAGES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return {**found, **more}


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _commit() -> str:
    with suppress(OSError):
        command = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
        done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
        return done.stdout.strip() or "none"
    return "none"


def print_facts(found: Mapping[str, str], console: Console) -> None:
    """Print the facts, a few to a line."""
    for name in ("at", "machine", "load", "commit", *(n for n in found if n in {"broker", "tweets", "artefact"})):
        console.print(f"{name:<9} {found[name]}")
    versions = ", ".join(f"{name} {found[name]}" for name in ("python", *_PACKAGES) if name in found)
    console.print(f"versions  {versions}\n")


def require_writable(path: Path | None) -> None:
    """Check before the long work that the file can be written.

    Raises:
        SettingError: its folder is not there.

    """
    if path and not path.parent.is_dir():
        raise SettingError(f"cannot write {path}: there is no folder {path.parent}")


def write_json(path: Path | None, rows: Sequence[Row], found: Mapping[str, str]) -> None:
    """Write the rows as a list, and beside it, as NAME.facts.json, what they depend on; no path: nothing."""
    if path:
        path.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
        path.with_suffix(".facts.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def new_table(title: str, *columns: str) -> Table:
    """Return a table whose first column is a name, the others figures."""
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column(columns[0], no_wrap=True)
    for name in columns[1:]:
        table.add_column(name, justify="right", no_wrap=True)
    return table
