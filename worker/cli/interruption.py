"""Interruption by signals, noticed only where a program can stop cleanly.

Imports little: `worker.__main__` loads it before all else.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType


def end_by_signal(number: int, _frame: FrameType | None = None) -> None:
    """End the process by the signal's default action; process 1 of a container has none, and exits like a shell."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(128 + number)


@contextmanager
def on_signals(handle: Callable[[int], None], *numbers: signal.Signals) -> Iterator[None]:
    """Handle the signals during a `with` block; `handle` gets the signal's number."""
    before = {number: signal.signal(number, lambda n, _frame: handle(n)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Interruption:
    """A flag that signals set.

    An exception raised by a signal handler could strike between the start of a process and the line that registers it
    for clean-up, or inside TensorFlow's native code, which ends the process without any clean-up. So the handler only
    sets a flag, which is checked before each step and while waiting.
    """

    def __init__(self) -> None:
        self._event = threading.Event()

    def listening(self, *numbers: signal.Signals) -> AbstractContextManager[None]:
        """Let the signals set the flag during a `with` block."""
        return on_signals(lambda _number: self._event.set(), *numbers)

    def check(self) -> None:
        """Raise a KeyboardInterrupt if a signal came."""
        if self._event.is_set():
            raise KeyboardInterrupt

    def sleep(self, seconds: float) -> None:
        """Sleep; raise a KeyboardInterrupt as soon as a signal comes."""
        self._event.wait(seconds)
        self.check()
