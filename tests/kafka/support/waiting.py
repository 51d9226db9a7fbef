"""Wait for a condition."""

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], bool], seconds: float, message: Callable[[], str]) -> None:
    """Poll a condition until it holds; fail with the message after that many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, message()
        time.sleep(0.2)
