"""Cancellation: the check that long work makes between two steps."""

from collections.abc import Callable

Check = Callable[[], None]
"""Raises an exception if the work must stop, as `Interruption.check` does. Called only where nothing is half done."""


def never_cancel() -> None:
    """Let the work go on: the check of work that nothing cancels."""
