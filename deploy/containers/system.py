"""A small Debian: the base of the images, and the engine's own system with Docker's packages."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from worker.errors import SettingError

SUITE = "trixie"
MIRROR = "http://deb.debian.org/debian"
_BASE = "ca-certificates,python3,python3-pip,python3-venv"
_ENGINE = (
    "containerd", "docker-buildx", "docker-cli", "docker-compose", "docker.io", "iproute2", "iptables", "runc",
    "slirp4netns", "tini",
)  # fmt: skip
_OF_THIS_MACHINE = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pip.conf")
"""How package indexes are reached from here; the images are for this machine alone."""


def install(folder: Path) -> Path:
    """Return the folder's system with Docker; install it if it is missing, and write base.tar, the images' base.

    Raises:
        SettingError: a package cannot be had; the message has the end of the log.

    """
    root = folder / "root"
    if not (root / "usr/sbin/dockerd").exists():
        shutil.rmtree(root, ignore_errors=True)
        log = folder / "system.log"
        _run([*_debootstrap(folder, log), "--variant=minbase", f"--include={_BASE}", SUITE, str(root), MIRROR], log)
        _complete(root)
        _run(["tar", "-C", str(root), "-cf", str(folder / "base.tar"), "."], log)
        install = f"apt-get update -qq && apt-get install -qq --yes --no-install-recommends {' '.join(_ENGINE)}"
        _run(["chroot", str(root), "sh", "-c", install], log)
    return root


def _debootstrap(folder: Path, log: Path) -> list[str]:
    """Return the command of debootstrap: this machine's, or that of Debian's package, unpacked."""
    if shutil.which("debootstrap"):
        return ["debootstrap"]
    unpacked = folder / "debootstrap"
    unpacked.mkdir(exist_ok=True)
    download = "apt-get download -qq debootstrap || { apt-get update -qq && apt-get download -qq debootstrap; }"
    _run(["sh", "-c", f"cd {unpacked} && {{ {download}; }} && dpkg-deb -x debootstrap_*.deb ."], log)
    return ["env", f"DEBOOTSTRAP_DIR={unpacked}/usr/share/debootstrap", "sh", f"{unpacked}/usr/sbin/debootstrap"]


def _complete(root: Path) -> None:
    """Give the base what the official Python image has, and this machine's way to package indexes."""
    (root / "usr/local/bin/python").symlink_to("/usr/bin/python3")
    for path in (root / "var/cache/apt/archives").glob("*.deb"):
        path.unlink()
    for name in (*_OF_THIS_MACHINE, "/etc/resolv.conf"):
        if Path(name).exists():
            shutil.copy(name, root / name.lstrip("/"))


def _run(command: Sequence[str], log: Path) -> None:
    with log.open("ab") as output:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment,
                              check=False)  # fmt: skip
    if done.returncode:
        raise SettingError(f"'{' '.join(command)[:80]}' failed: {log.read_text(errors='replace').strip()[-500:]}")
