"""`review`'s flags, which are parsed without the libraries of training."""

import pytest

from tests.training.commands.running import run
from training.commands.review.flags import shares
from training.data.reviewed import WEIGHT
from training.review.picking import DEFAULT_SHARES, REASONS


def shown(capsys: pytest.CaptureFixture[str], command: str) -> str:
    """Return a command's help without white space."""
    with pytest.raises(SystemExit):
        run(capsys, command, "--help")
    return "".join(capsys.readouterr().out.split())


def test_each_reason_can_be_named() -> None:
    """The flag knows the reasons that tweets are picked for, and no other."""
    text = ",".join(f"{reason}={1 / len(REASONS)}" for reason in REASONS)
    assert tuple(shares(text)) == REASONS


def test_the_help_names_the_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    """What --help says is what is picked, and what a reviewed tweet weighs."""
    default = shown(capsys, "review").split("(default:random=")[1].split(")")[0]
    assert shares(f"random={default}") == DEFAULT_SHARES
    assert f"areviewedonecountsas(default:{WEIGHT})" in shown(capsys, "fit")
