"""The JSON Schemas in the repository."""

from pathlib import Path

import pytest

from schemas.export import FOLDER, documents


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_json_schemas_are_current(path: Path) -> None:
    """Users of other languages read the contract that the code keeps; `make schemas` writes it anew."""
    assert path.read_text(encoding="utf-8") == documents()[path]


def test_no_schema_is_left_over() -> None:
    """A contract that is gone leaves no file behind."""
    assert set(FOLDER.iterdir()) == set(documents())
