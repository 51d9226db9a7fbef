"""The cost of decoding."""

import pytest

from benchmarks.formats import build_parser, report


def test_every_format_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    """The table has a line for each format, after the model of the contract."""
    arguments = build_parser().parse_args(["--rounds", "2", "--records", "3"])
    assert arguments.command(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("pydantic")
    assert len(lines) == 9


def test_ratios_are_of_the_first_case() -> None:
    """Medians of the turns, by pairs."""
    table = report({"a": [1.0, 1.0, 1.0], "b": [2.0, 3.0, 9.0]}, 1_000_000)
    assert table.splitlines()[1].split() == ["b", "3.00", "us", "3.00"]
