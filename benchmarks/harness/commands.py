"""Command lines of the worker and of its peers."""

import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.harness.topics import Topics

SESSION = "6s"  # the embedded broker's first rebalance waits for half of the session timeout


def worker_command(topics: Topics, artifact: Path, port: int = 0, flags: Sequence[str] = ()) -> list[str]:
    """Return the command line of a worker on these topics, as users start it."""
    return [
        *(sys.executable, "-m", "worker", "run", "--bootstrap-servers", topics.servers),
        *("--input-topic", topics.input, "--output-topic", topics.output, "--dead-letter-topic", topics.dead_letter),
        *("--group-id", topics.group, "--artifact", str(artifact), "--metrics-port", str(port)),
        *("--session-timeout", SESSION, *flags),
    ]


def peer_command(name: str, topics: Topics, artifact: Path) -> list[str]:
    """Return the command line of one of `benchmarks.peers` on these topics."""
    return [
        *(sys.executable, "-m", f"benchmarks.peers.{name}", "--bootstrap-servers", topics.servers),
        *("--input-topic", topics.input, "--output-topic", topics.output, "--group-id", topics.group),
        *("--artifact", str(artifact), "--session-timeout", SESSION),
    ]
