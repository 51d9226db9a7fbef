"""Namespaces for an engine: all its mounts, processes, addresses and firewall rules vanish with them."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from worker.errors import SettingError

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_DNS = "10.0.2.3"  # slirp4netns' own
_SECONDS = 20


def inside(root: Path, arguments: Sequence[str]) -> list[str]:
    """Return the command that runs `python -m deploy.containers.inside` in new mount and process namespaces.

    tini is process 1 there: it reaps what the engine leaves, and when it ends the kernel kills everything else.
    """
    unshare = ["unshare", "--mount", "--propagation=private", "--pid", "--fork", "--kill-child", "--mount-proc"]
    return [
        *unshare,
        str(root / "usr/bin/tini-static"),
        "--",
        sys.executable,
        "-m",
        "deploy.containers.inside",
        *arguments,
    ]


def end(process: "subprocess.Popen[bytes]") -> None:
    """Kill what runs in the namespaces of `inside`, if it still does.

    `unshare` waits for process 1, whose end the kernel reports when it has killed all others.
    """
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while process.poll() is None:
        for child in children.read_text().split() if children.exists() else ():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGKILL)
        time.sleep(0.1)


def remove_cgroups() -> None:
    """Remove the engine's control groups, which outlive the namespaces: empty folders, unless processes are in them."""
    cgroups = Path("/sys/fs/cgroup")
    for parent in (*cgroups.glob("*/docker"), cgroups / "docker"):
        for path in sorted([parent, *parent.rglob("*/")], reverse=True):  # the inner ones first
            with contextlib.suppress(OSError):
                path.rmdir()


def mount(root: Path, shared: Sequence[Path]) -> None:
    """Mount what the engine's system needs, and the folders that it shares with this machine, at the same paths."""
    _mount("--bind", root, root)
    for name in ("dev", "sys"):
        _mount("--rbind", f"/{name}", root / name)
    _mount("-t", "proc", "proc", root / "proc")
    _mount("-t", "tmpfs", "tmpfs", root / "run")
    for folder in shared:
        there = root / folder.relative_to("/")
        there.mkdir(parents=True, exist_ok=True)
        _mount("--bind", folder, there)
    (root / "etc/resolv.conf").write_text(f"nameserver {_DNS}\n")


def _mount(*arguments: object) -> None:
    subprocess.run(["mount", *map(str, arguments)], check=True)


class Network:
    """A network namespace with a way out: slirp4netns forwards its connections as a process of this machine.

    Args:
        root: the engine's system.

    Raises:
        SettingError: slirp4netns did not start.

    """

    def __init__(self, root: Path) -> None:
        self._holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        self._wait(lambda: os.readlink(self._path) != os.readlink("/proc/self/ns/net"))
        slirp = ["slirp4netns", "--configure", "--mtu=65520", "--disable-host-loopback", str(self._holder.pid), "tap0"]
        self._slirp = subprocess.Popen(
            ["chroot", str(root), *slirp], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._wait(lambda: "tap0" in Path(f"/proc/{self._holder.pid}/net/route").read_text())

    @property
    def _path(self) -> str:
        return f"/proc/{self._holder.pid}/ns/net"

    @property
    def enter(self) -> list[str]:
        """The beginning of a command that runs in this network."""
        return ["nsenter", f"--net={self._path}"]

    @staticmethod
    def _wait(ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _SECONDS
        while not ready():
            if time.monotonic() > deadline:
                raise SettingError("slirp4netns gives the engine no network here")
            time.sleep(0.1)


def daemon(root: Path, command: Sequence[str]) -> list[str]:
    """Return a command that runs in the root folder as the root of a mount namespace.

    A chroot is not enough: `docker exec` enters a container's mount namespace, whose root would be this machine's.
    """
    script = 'cd "$0" && pivot_root . mnt && exec chroot . sh -c "umount -l /mnt && exec $*"'
    return ["unshare", "--mount", "--propagation=private", "sh", "-c", script, str(root), *command]


def client(root: Path) -> str:
    """Return a script `docker` that runs the system's client in the caller's folder, with its environment."""
    return (
        f'#!/bin/sh\nexec {shutil.which("chroot")} {root} /usr/bin/env -C "$PWD" PATH={_PATH} HOME=/root docker "$@"\n'
    )


def environment() -> dict[str, str]:
    """Return the environment of the engine's daemon."""
    return {**os.environ, "PATH": _PATH, "HOME": "/root"}
