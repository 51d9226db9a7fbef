"""How every command ends."""

from argparse import ArgumentParser
from collections.abc import Callable

import pytest

from worker.cli import app
from worker.errors import DataError, DeliveryError


def parser(command: Callable[[object], int]) -> ArgumentParser:
    """Return a parser whose one command is given."""
    parser = ArgumentParser()
    parser.set_defaults(command=command)
    return parser


def interrupted(_: object) -> int:
    """Be interrupted in a context manager that raises something else on its way out."""
    try:
        raise KeyboardInterrupt
    finally:
        raise AssertionError("nesting violated")


def failing(error: BaseException) -> Callable[[object], int]:
    """Return a command that raises the error."""

    def command(_: object) -> int:
        raise error

    return command


@pytest.mark.parametrize(
    ("command", "code", "says"),
    [
        (lambda _: 0, 0, ""),
        (failing(DataError("no column [text]")), 2, "error: no column [text]\n"),
        (failing(DeliveryError("not acknowledged")), 1, "error: not acknowledged\n"),
        (failing(KeyboardInterrupt()), 130, ""),
        (interrupted, 130, ""),
    ],
)
def test_the_exit_code_says_whose_fault_it_was(
    command: Callable[[object], int], code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """2 is the user's to mend, 1 is not, 130 is Ctrl-C, wherever it struck; none shows a traceback."""
    assert app.main(parser(command), []) == code
    assert capsys.readouterr().err == says


def test_a_bug_is_not_hidden() -> None:
    """What nobody foresaw keeps its traceback."""
    with pytest.raises(ZeroDivisionError):
        app.main(parser(failing(ZeroDivisionError())), [])
