"""The worker's commands, as a user calls them."""

import os
import subprocess
import sys
from collections.abc import Mapping

from worker.settings import KafkaSettings

TOPICS = ("input_topic", "output_topic", "dead_letter_topic")


class Commands:
    """Commands that connect to one of the broker's listeners.

    Args:
        servers: addresses of the listener.
        environment: settings of the connection.

    """

    def __init__(self, servers: str, environment: Mapping[str, str]) -> None:
        self.servers, self.environment = servers, dict(environment)

    def change(self, changes: Mapping[str, str | None]) -> None:
        """Change settings, or remove those that become None."""
        changed = {**self.environment, **{f"CASCADE_{name}": value for name, value in changes.items()}}
        self.environment = {name: value for name, value in changed.items() if value is not None}

    def run(self, settings: KafkaSettings, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        topics = {f"CASCADE_{name.upper()}": str(getattr(settings, name)) for name in TOPICS}
        return subprocess.run(
            [sys.executable, "-m", "worker", *words], text=True, capture_output=True, check=False, timeout=60,
            env={**os.environ, "CASCADE_BOOTSTRAP_SERVERS": self.servers, **topics, **self.environment},
        )  # fmt: skip

    def refusal(self, settings: KafkaSettings) -> str:
        """Return the one line that `run` ends with; fail unless the exit code is 2."""
        ended = self.run(settings, "run", "--metrics-port", "0")  # another test may have the default port
        assert ended.returncode == 2, ended.stderr
        [line] = ended.stderr.splitlines()
        return line
