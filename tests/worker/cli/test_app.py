"""Exit codes and error messages of the commands."""

import os
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Callable

import pytest

from worker.cli import app
from worker.errors import DataError, DeliveryError


def parser(command: Callable[[object], int]) -> ArgumentParser:
    """Return a parser that runs the command."""
    parser = ArgumentParser()
    parser.set_defaults(command=command)
    return parser


def interrupted(_: object) -> int:
    """Raise another exception while a KeyboardInterrupt unwinds, as TensorFlow's context managers do."""
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
def test_the_exit_code_names_the_kind_of_error(
    command: Callable[[object], int], code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is 2 for a user's error, 1 for another error, 130 for Ctrl-C; none of them prints a traceback."""
    assert app.main(parser(command), []) == code
    assert capsys.readouterr().err == says


def test_an_unexpected_exception_keeps_its_traceback() -> None:
    """An exception that the project does not raise itself is a bug, and is not caught."""
    with pytest.raises(ZeroDivisionError):
        app.main(parser(failing(ZeroDivisionError())), [])


def test_abbreviated_flags_are_rejected(capsys: pytest.CaptureFixture[str]) -> None:
    """A later version may have another flag that begins in the same way."""
    parser = app.new_parser("prog", "description")
    commands = parser.add_subparsers()
    app.add_command(commands, "go", lambda _: 0, help="go", description="Goes.").add_argument("--number")
    assert app.main(parser, ["go", "--number", "1"]) == 0
    with pytest.raises(SystemExit) as ended:
        app.main(parser, ["go", "--num", "1"])
    assert ended.value.code == 2
    assert "--num" in capsys.readouterr().err


_HANGING = """
import threading
from argparse import ArgumentParser
from concurrent.futures import ThreadPoolExecutor
from worker.cli import app
from worker.errors import DeliveryError

def command(_):
    pool = ThreadPoolExecutor(1)
    pool.submit(threading.Event().wait)
    pool.shutdown(wait=False, cancel_futures=True)
    print("begun")
    raise {error}

parser = ArgumentParser()
parser.set_defaults(command=command)
app.run(parser, [])
"""


@pytest.mark.parametrize(
    ("error", "last"), [("DeliveryError('lost')", "error: lost"), ("ZeroDivisionError('x')", "ZeroDivisionError: x")]
)
def test_a_failed_command_ends_although_a_thread_hangs(error: str, last: str) -> None:
    """A model that hangs must not keep a failed worker alive: its exit code makes the orchestrator start another."""
    command = [sys.executable, "-c", _HANGING.format(error=error)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr.splitlines()[-1]) == (1, "begun\n", last)


_SECRET = """
from argparse import ArgumentParser
from worker.cli import app
from worker.errors import BrokerError
from worker.logs.setup import configure_logging

def command(_):
    configure_logging("info", "text", ["hunter2"])
    raise BrokerError("refused: {'password': 'hunter2'}")

parser = ArgumentParser()
parser.set_defaults(command=command)
app.run(parser, [])
"""


def test_the_last_line_is_redacted() -> None:
    """The error that ends a command may quote what a library says, and that its configuration."""
    command = [sys.executable, "-c", _SECRET]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (2, "error: refused: {'password': '***'}\n")


_PRINTING = """
from argparse import ArgumentParser
from worker.cli import app

parser = ArgumentParser()
parser.set_defaults(command=lambda _: print("line") or 0)
app.run(parser, [])
"""


def test_the_reader_of_a_pipe_may_close_it() -> None:
    """`python -m worker tail | head -1` is not an error, also where the last lines are only written at the end."""
    with subprocess.Popen([sys.executable, "-c", _PRINTING], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert (process.wait(60), process.stderr.read()) == (0, b"")


@pytest.mark.parametrize("write", ["print('x' * 99)", "new_console().print('x' * 99)"])
def test_a_reader_that_closes_the_pipe_is_not_an_error(write: str) -> None:
    """`| head -2` ends a command with code 0, whether it prints a little, much, plainly or through rich."""
    code = f"""
import sys
from argparse import ArgumentParser
from worker.cli import app
from worker.cli.console import new_console
def command(_):
    for _ in range(int(sys.argv.pop())):
        {write}
    return 0
parser = ArgumentParser()
parser.set_defaults(command=command)
app.leave(app.main(parser, []))
"""
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb") as pipe:
        for lines in ("1", "9999"):
            command = [sys.executable, "-c", code, lines]
            done = subprocess.run(command, check=False, stdout=pipe, stderr=subprocess.PIPE, timeout=60)
            assert (done.returncode, done.stderr) == (0, b"")
