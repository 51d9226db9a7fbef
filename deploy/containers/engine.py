"""Docker Engine in its own system and namespaces."""

import contextlib
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.containers import namespaces
from worker.errors import SettingError

_START_SECONDS = 60
_STOP_SECONDS = 60


class Engine:
    """A running engine.

    Args:
        enter: beginning of a command that runs in the engine's network.
        bin: folder of the script `docker`, for the PATH.

    """

    def __init__(self, enter: Sequence[str], bin: Path) -> None:  # noqa: A002 (what the folder is called everywhere)
        self.enter = enter
        self.bin = bin

    def docker(self, *arguments: object, stdin: Path | None = None) -> str:
        """Run a command of Docker's client; return its output.

        Raises:
            SettingError: it failed; the message has the end of its output.

        """
        with stdin.open("rb") if stdin else contextlib.nullcontext(subprocess.DEVNULL) as given:
            command = [*self.enter, str(self.bin / "docker"), *map(str, arguments)]
            done = subprocess.run(command, stdin=given, capture_output=True, check=False)
        if done.returncode:
            shown = " ".join(map(str, arguments))[:80]
            raise SettingError(f"'docker {shown}' failed: {done.stderr.decode(errors='replace').strip()[-800:]}")
        return done.stdout.decode()


@contextmanager
def running(folder: Path, root: Path) -> Iterator[Engine]:
    """Run the engine; its log is dockerd.log in the folder.

    Raises:
        SettingError: it did not start.

    """
    network = namespaces.Network(root)
    engine = Engine(network.enter, _client(folder, root))
    command = namespaces.daemon(root, ["dockerd", "--log-level=warn"])
    with (folder / "dockerd.log").open("wb") as log:
        daemon = subprocess.Popen([*network.enter, *command], env=namespaces.environment(), stdin=subprocess.DEVNULL,
                                  stdout=log, stderr=log)  # fmt: skip
    try:
        _wait(engine, daemon, folder / "dockerd.log")
        yield engine
    finally:
        daemon.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            daemon.wait(_STOP_SECONDS)


def _client(folder: Path, root: Path) -> Path:
    script = folder / "bin/docker"
    script.parent.mkdir(exist_ok=True)
    script.write_text(namespaces.client(root))
    script.chmod(0o755)
    return script.parent


def _wait(engine: Engine, daemon: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            engine.docker("version")
        except SettingError:
            if daemon.poll() is not None or time.monotonic() > deadline:
                raise SettingError(f"Docker Engine did not start: {log.read_text().strip()[-800:]}") from None
            time.sleep(0.2)
        else:
            return
