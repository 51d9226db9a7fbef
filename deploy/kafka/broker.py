"""One broker process."""

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
    """A broker that can be killed and started again on the same port and data."""

    node: Node
    folder: Path
    jars: Path
    process: subprocess.Popen[bytes] | None = None

    def format(self, cluster_id: str, users: Sequence[str] = ()) -> None:
        """Prepare the data folder, with users for SCRAM; one that is prepared already is left alone.

        Raises:
            BrokerError: Kafka refuses.

        """
        tool = ["kafka.tools.StorageTool", "format", "--ignore-formatted", f"--cluster-id={cluster_id}"]
        command = self._java(*tool, "--config", self._properties, *users)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BrokerError(f"Kafka cannot prepare {self.folder}: {(done.stderr or done.stdout).strip()[-500:]}")

    def start(self) -> None:
        """Start the process; `wait_ready` waits for it."""
        with (self.folder / "output.log").open("ab") as output:
            self.process = subprocess.Popen(
                self._java("kafka.Kafka", self._properties), stdout=output, stderr=output,
                start_new_session=True,  # Ctrl-C is the parent's, which stops its clients first
            )  # fmt: skip

    def wait_ready(self, deadline: float) -> None:
        """Return when the port takes connections.

        Raises:
            BrokerError: the process ended, or the deadline (of time.monotonic) passed.

        """
        while not self._answers():
            if not self.process or self.process.poll() is not None or time.monotonic() > deadline:
                raise BrokerError(f"broker {self.node.id} does not start; see the logs in {self.folder}")
            time.sleep(0.1)

    def kill(self) -> None:
        """End the process as a crash would: SIGKILL."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        """End the process in order, by force if it takes too long; harmless when it has ended."""
        if self.process:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(_STOP_SECONDS)
            self.kill()

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.node.port), 1):
            return True
        return False

    @property
    def _properties(self) -> str:
        return str(self.folder / "server.properties")

    def _java(self, *arguments: str) -> list[str]:
        log4j = f"-Dlog4j2.configurationFile={self.folder / 'log4j2.yaml'}"
        return ["java", "-Xmx512m", log4j, "-cp", f"{self.jars}/*", *arguments]
