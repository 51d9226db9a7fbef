"""Interruption by signals."""

import os
import signal
import time

import pytest

from worker.cli.interruption import Interruption, on_signals


def test_a_signal_sets_the_flag() -> None:
    """The program goes on until it checks the flag, so that it stops where it can clean up."""
    interruption = Interruption()
    with interruption.listening(signal.SIGTERM):
        interruption.check()
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            interruption.check()


def test_a_signal_ends_a_sleep() -> None:
    """Nobody waits for the end of a long sleep."""
    interruption, start = Interruption(), time.monotonic()
    with interruption.listening(signal.SIGALRM):
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(KeyboardInterrupt):
            interruption.sleep(60)
    assert time.monotonic() - start < 30


def test_handlers_are_restored() -> None:
    """After the block a signal does what it did before."""
    before, seen = signal.getsignal(signal.SIGTERM), list[int]()
    with on_signals(seen.append, signal.SIGTERM):
        os.kill(os.getpid(), signal.SIGTERM)
    assert seen == [signal.SIGTERM]
    assert signal.getsignal(signal.SIGTERM) is before
