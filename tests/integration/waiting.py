"""Waiting for a condition."""

import time
from collections.abc import Callable

PATIENCE = 120.0
"""Seconds after which a test fails that waits; far more than a busy machine needs."""


def wait_until(condition: Callable[[], bool], what: str | Callable[[], str]) -> None:
    """Return once the condition holds; fail with `what`, or what it returns, after `PATIENCE` seconds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what() if callable(what) else what
        time.sleep(0.05)
