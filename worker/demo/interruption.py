"""Ctrl-C and its like, noticed only where the demo can end cleanly."""

import signal
import threading


class Interruption:
    """A flag that polite signals set.

    An exception raised by a signal handler could come between the start of a process and the note that it has to be
    ended; so the handler only sets a flag, and the demo's waiting loops look at it.
    """

    def __init__(self) -> None:
        self._event = threading.Event()

    def listen(self) -> None:
        """Have SIGINT, SIGTERM and SIGHUP set the flag from now on."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda _number, _frame: self._event.set())

    def check(self) -> None:
        """Raise a KeyboardInterrupt if a signal came."""
        if self._event.is_set():
            raise KeyboardInterrupt

    def sleep(self, seconds: float) -> None:
        """Wait; raise a KeyboardInterrupt as soon as a signal comes."""
        self._event.wait(seconds)
        self.check()
