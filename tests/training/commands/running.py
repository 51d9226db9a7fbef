"""Run a command of training in this process."""

import pytest

from training.__main__ import build_parser
from worker.cli import app


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run a command; return its exit code and what it wrote to stdout and stderr."""
    code = app.main(build_parser(), arguments)
    captured = capsys.readouterr()
    return code, captured.out, " ".join(captured.err.split())
