"""The terminal of a review: one tweet at a time."""

from collections.abc import Iterator

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from training.review.session import Session
from worker.cli.sanitize import sanitize

_TARGETS, _SKIP = {"y": 1, "1": 1, "n": 0, "0": 0}, {"s", " "}
_UNDO, _QUIT = {"u", "\x7f", "\b"}, {"q", "\x04"}
_WIDTH = 100


def review(session: Session, console: Console, keys: Iterator[str]) -> None:
    """Show the tweets that have no label yet and take their labels, until none is left or the person quits.

    Args:
        session: of the review file, which has each answer at once.
        console: the terminal.
        keys: that are pressed; their end means to quit. A key without a meaning does nothing.

    """
    while row := session.row:
        console.clear()
        console.print(_screen(session, row.text, console.width))
        key = next(keys, "q").lower()
        if key in _QUIT:
            return
        if key in _UNDO:
            session.undo()
        elif key in _SKIP:
            session.answer("skip")
        elif key in _TARGETS:
            session.answer(session.classes[_TARGETS[key]])


def _screen(session: Session, text: str, width: int) -> Panel:
    """Return the tweet without the cascade's opinion, which would sway the person's."""
    title = f"{session.done:,} of {session.total:,} done, {session.done / session.total:.0%}"
    legend = f"[y] {session.classes[1]}  [n] {session.classes[0]}  [s] skip  [u] undo  [q] quit"
    return Panel(
        Text(sanitize(text)), title=Text(title), subtitle=Text(legend), padding=(1, 2), width=min(width, _WIDTH)
    )
