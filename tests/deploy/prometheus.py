"""Prometheus itself, from Debian's package."""

import shutil

import pytest


def binary(name: str) -> str:
    """Return where Prometheus' program is; skip where it is not installed."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"needs {name}: apt-get install prometheus")
    return path


def promtool() -> str:
    """Return where promtool is; skip where it is not installed."""
    return binary("promtool")
