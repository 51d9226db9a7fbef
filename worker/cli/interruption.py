"""Ctrl-C and its like, noticed only where a program can end cleanly."""

import signal
import threading
from contextlib import AbstractContextManager

from worker.cli.app import on_signals


class Interruption:
    """A flag that polite signals set.

    An exception raised by a signal handler could come between the start of a process and the note that it has to be
    ended, or in the middle of TensorFlow's native code, which ends the process before anything is cleared away; so the
    handler only sets a flag, and whoever waits or takes the next step looks at it.
    """

    def __init__(self) -> None:
        self._event = threading.Event()

    def listening(self, *numbers: signal.Signals) -> AbstractContextManager[None]:
        """Have the signals set the flag for the length of a `with`."""
        return on_signals(lambda _number: self._event.set(), *numbers)

    def check(self) -> None:
        """Raise a KeyboardInterrupt if a signal came."""
        if self._event.is_set():
            raise KeyboardInterrupt

    def sleep(self, seconds: float) -> None:
        """Wait; raise a KeyboardInterrupt as soon as a signal comes."""
        self._event.wait(seconds)
        self.check()
