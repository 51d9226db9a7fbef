"""What this machine needs for an engine of its own."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from worker.errors import SettingError

GIGABYTES = 13
"""Free space that the engine, its images and volumes take at most."""
MEMORY_GIGABYTES = 6
"""Free memory that training beside Kafka and Prometheus takes at most, with the engine and the tests."""
_NETFILTER = 12  # NETLINK_NETFILTER
_TOOLS = ("apt-get", "dpkg-deb", "unshare", "nsenter", "java", "mvn")


def check(folder: Path) -> None:
    """Check that an engine of its own can run here.

    Raises:
        SettingError: something is missing; the message names all of it.

    """
    if missing := list(_missing(folder)):
        raise SettingError(
            f"neither Docker with Compose answers, nor can an engine of its own run here: {'; '.join(missing)}"
        )


def _missing(folder: Path) -> Iterator[str]:
    if os.geteuid() != 0:
        yield "it needs root"
    if tools := [name for name in _TOOLS if not shutil.which(name)]:
        yield f"{', '.join(tools)} not installed"
    yield from _missing_in_kernel()
    if (free := shutil.disk_usage(folder).free / 1e9) < GIGABYTES:
        yield f"{folder} has {free:.0f} GB free of {GIGABYTES} GB"
    if (free := free_memory() / 1e9) < MEMORY_GIGABYTES:
        yield f"{free:.1f} GB of memory are free of {MEMORY_GIGABYTES} GB"


def _missing_in_kernel() -> Iterator[str]:
    if not Path("/dev/net/tun").exists():
        yield "the kernel has no /dev/net/tun"
    if not Path("/sys/fs/cgroup").is_dir() or "overlay" not in _read("/proc/filesystems"):
        yield "the kernel lacks cgroups or overlayfs"
    if not _has_netfilter():
        yield "the kernel lacks netfilter, which iptables needs"
    if os.geteuid() == 0 and not _may_unshare():
        yield "no namespaces can be made, as in a container without --privileged"


def _has_netfilter() -> bool:
    """Return whether the kernel has what iptables speaks to."""
    try:
        socket.socket(getattr(socket, "AF_NETLINK", -1), socket.SOCK_RAW, _NETFILTER).close()
    except OSError:
        return False
    return True


def _may_unshare() -> bool:
    with suppress(OSError):
        command = ["unshare", "--mount", "--net", "--pid", "--fork", "true"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    return False


def free_memory() -> int:
    """Return the bytes of memory that programs can still take; 0 if the kernel does not say."""
    found = [line.split()[1] for line in _read("/proc/meminfo").splitlines() if line.startswith("MemAvailable:")]
    return sum(int(kibibytes) * 1024 for kibibytes in found)


def _read(path: str) -> str:
    with suppress(OSError):
        return Path(path).read_text()
    return ""
