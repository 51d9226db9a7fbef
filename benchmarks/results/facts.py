"""The facts that a benchmark's figures depend on besides the code: machine, load, versions, commit."""

import os
import platform
import re
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console

_PACKAGES = (
    "tweet-cascade", "kafka-python", "confluent-kafka", "quixstreams", "faststream", "aiokafka",
    "onnxruntime", "tensorflow", "numpy", "scikit-learn",
)  # fmt: skip
_PRINTED = ("at", "machine", "cpu flags", "load", "commit", "broker", "encoder", "tweets", "artifact")
_VECTOR_FLAGS = re.compile(r"\b(?:avx2|avx512\w*|amx\w*)\b")


def machine_facts(**more: str) -> dict[str, str]:
    """Return the facts by name, and the given ones."""
    cpu = Path("/proc/cpuinfo")
    about = cpu.read_text() if cpu.is_file() else ""
    found = {
        "at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "machine": f"{os.cpu_count()} x {cpu_model(about)}, {platform.system()} {platform.release()}",
        "cpu flags": cpu_flags(about),
        "load": " ".join(f"{load:.2f}" for load in os.getloadavg()),
        "commit": _commit(),
        "python": platform.python_version(),
    }
    for name in _PACKAGES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return {**found, **more}


def cpu_model(cpuinfo: str) -> str:
    """Return the CPU's model name, from the text of /proc/cpuinfo; the platform's name of it if that has none."""
    found = re.search(r"^model name\s*: (.+)$", cpuinfo, re.MULTILINE)
    return found[1].strip() if found else platform.processor() or platform.machine()


def cpu_flags(cpuinfo: str) -> str:
    """Return the flags avx2, avx512* and amx* of the first CPU in the text of /proc/cpuinfo."""
    found = re.search(r"^flags\s*: (.+)$", cpuinfo, re.MULTILINE)
    return " ".join(_VECTOR_FLAGS.findall(found[1])) or "no avx2, avx512* or amx*" if found else "unknown"


def _commit() -> str:
    with suppress(OSError):
        command = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
        done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
        return done.stdout.strip() or "none"
    return "none"


def print_facts(found: Mapping[str, str], console: Console) -> None:
    """Print the facts: those of the machine and the run one a line, the versions in one."""
    for name in _PRINTED:
        if name in found:
            console.print(f"{name:<9} {found[name]}")
    versions = ", ".join(f"{name} {found[name]}" for name in ("python", *_PACKAGES) if name in found)
    console.print(f"versions  {versions}\n")
