"""Flags of former versions."""

from argparse import ArgumentParser

import pytest

from worker.cli.former_flags import reject_flag
from worker.errors import SettingError


@pytest.mark.parametrize("given", [["--old"], ["--old", "7"], ["--old=7"]])
def test_a_former_flag_is_an_error(given: list[str]) -> None:
    """The message names the replacement, whether or not a value follows."""
    parser = ArgumentParser()
    reject_flag(parser, "--old", "is now --new")
    with pytest.raises(SettingError, match="^--old is now --new$"):
        parser.parse_args(given)


def test_a_former_flag_is_hidden() -> None:
    """It is neither in the help nor in the parsed arguments."""
    parser = ArgumentParser()
    reject_flag(parser, "--old", "is now --new")
    assert "--old" not in parser.format_help()
    assert vars(parser.parse_args([])) == {}
