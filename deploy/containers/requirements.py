"""What this machine needs for an engine of its own."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from worker.errors import SettingError

GIGABYTES = 13
"""Free space that the engine, its images and volumes take at most."""
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
    if not Path("/dev/net/tun").exists():
        yield "the kernel has no /dev/net/tun"
    if not Path("/sys/fs/cgroup").is_dir() or "overlay" not in Path("/proc/filesystems").read_text():
        yield "the kernel lacks cgroups or overlayfs"
    if (free := shutil.disk_usage(folder).free / 1e9) < GIGABYTES:
        yield f"{folder} has {free:.0f} GB free of {GIGABYTES} GB"
