"""A broker process."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.kafka.config import Node
from worker.errors import BrokerError

_STOP_SECONDS = 30


@dataclass
class Broker:
    """A broker that can be killed and restarted on the same port and data.

    Args:
        node: its id and ports.
        folder: holds server.properties, log4j2.yaml, the data and the logs.
        jars: folder of Kafka's jars.
        process: the running server; None while stopped.

    """

    node: Node
    folder: Path
    jars: Path
    process: subprocess.Popen[bytes] | None = None

    def format(self, cluster_id: str, users: Sequence[str] = ()) -> None:
        """Format the data folder, with users for SCRAM; a formatted folder stays as it is.

        Raises:
            BrokerError: Kafka could not format it.

        """
        tool = ["kafka.tools.StorageTool", "format", "--ignore-formatted", f"--cluster-id={cluster_id}"]
        command = self._java(*tool, "--config", self._properties, *users)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BrokerError(f"Kafka cannot format {self.folder}: {(done.stderr or done.stdout).strip()[-500:]}")

    def start(self) -> None:
        """Start the process, without waiting; see `wait_ready`."""
        with (self.folder / "output.log").open("ab") as output:
            self.process = subprocess.Popen(
                self._java("kafka.Kafka", self._properties), stdout=output, stderr=output,
                start_new_session=True,  # Ctrl-C reaches only the parent, which stops its clients first
            )  # fmt: skip

    def wait_ready(self, deadline: float) -> None:
        """Wait until the port accepts connections.

        Args:
            deadline: in seconds of time.monotonic.

        Raises:
            BrokerError: the process ended, or the deadline passed.

        """
        while not self._accepts_connections():
            if not self.process or self.process.poll() is not None or time.monotonic() > deadline:
                raise BrokerError(f"broker {self.node.id} did not start; see the logs in {self.folder}")
            time.sleep(0.1)

    def kill(self) -> None:
        """Kill the process with SIGKILL, like a crash."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        """Stop the process with SIGTERM, or SIGKILL after 30 seconds; do nothing if it is not running."""
        if self.process:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(_STOP_SECONDS)
            self.kill()

    def _accepts_connections(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.node.port), 1):
            return True
        return False

    @property
    def _properties(self) -> str:
        return str(self.folder / "server.properties")

    def _java(self, *arguments: str) -> list[str]:
        log4j = f"-Dlog4j2.configurationFile={self.folder / 'log4j2.yaml'}"
        return ["java", "-Xmx512m", log4j, "-cp", f"{self.jars}/*", *arguments]
