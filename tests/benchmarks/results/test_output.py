"""Rows as JSON."""

import json
from pathlib import Path

import pytest

from benchmarks.results.facts import machine_facts
from benchmarks.results.output import require_writable, write_json
from worker.errors import SettingError


def test_rows_are_written_as_a_list_with_the_facts_beside_it(tmp_path: Path) -> None:
    """The JSON has only the rows; the facts that they depend on are in a file of their own."""
    rows: list[dict[str, object]] = [{"name": "echo", "messages_per_second": 1.5, "accuracy": None}]
    write_json(tmp_path / "out.json", rows, machine_facts(broker="a broker"))
    assert json.loads((tmp_path / "out.json").read_text()) == rows
    beside = json.loads((tmp_path / "out.facts.json").read_text())
    assert beside["broker"] == "a broker"
    assert {"machine", "cpu flags", "load", "commit", "kafka-python"} <= beside.keys()


def test_an_unwritable_file_is_reported_before_the_measurement(tmp_path: Path) -> None:
    """A typing error in a path does not cost ten minutes of measurement."""
    with pytest.raises(SettingError, match="there is no folder"):
        require_writable(tmp_path / "nowhere" / "out.json")
