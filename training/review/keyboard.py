"""Keys of a terminal, read one by one without Enter."""

import os
import re
import select
import signal
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager

from worker.cli.interruption import Interruption, on_signals

_SEQUENCE = re.compile(r"\x1b(?:\[[0-9;]*[ -/]*[@-~]|O.|[^\[O])")  # arrows, function keys, Alt with a key
_BEGUN = re.compile(r"\x1b(?:\[[0-9;]*|O)?\Z")
_REST_S = 0.05  # within which the rest of a sequence comes
_SIGNAL_CHECK_S = 0.1


@contextmanager
def pressed_keys(terminal: int) -> Iterator[Iterator[str]]:
    """Yield the keys that are pressed, during a `with` block; the terminal's settings are restored after it.

    Arrows and other keys that send several characters are left out. The keys end when the terminal is closed. A signal
    that ends the process raises a KeyboardInterrupt where a key is waited for.

    Args:
        terminal: its file descriptor.

    """
    before, interruption = termios.tcgetattr(terminal), Interruption()
    try:
        with (
            interruption.listening(signal.SIGINT, signal.SIGTERM, signal.SIGHUP),
            on_signals(lambda _number: _without_enter(terminal), signal.SIGCONT),  # after Ctrl-Z the shell has set it
        ):
            _without_enter(terminal)
            yield _keys(terminal, interruption)
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _without_enter(terminal: int) -> None:
    tty.setcbreak(terminal)


def _keys(terminal: int, interruption: Interruption) -> Iterator[str]:
    text = ""
    while typed := _read(terminal, interruption):
        text += typed.decode(errors="replace")
        if _BEGUN.search(text) and select.select([terminal], [], [], _REST_S)[0]:
            continue
        yield from _SEQUENCE.sub("", _BEGUN.sub("", text))
        text = ""


def _read(terminal: int, interruption: Interruption) -> bytes:
    """Return what was typed; nothing once the terminal is closed."""
    interruption.check()
    while not select.select([terminal], [], [], _SIGNAL_CHECK_S)[0]:
        interruption.check()
    try:
        return os.read(terminal, 1024)
    except OSError:
        return b""
