"""The compared systems."""

from pathlib import Path

import pytest

from benchmarks.systems import DEFAULT, SYSTEMS, parse_systems, system_commands
from worker.errors import SettingError


def test_an_invalid_system_is_reported_before_the_measurement(small_artifact: Path, tmp_path: Path) -> None:
    """A system that does not exist, or cannot run with this artifact, is an error at once and not after ten minutes."""
    with pytest.raises(SettingError, match="no row ecko; there are echo, baseline"):
        parse_systems("ecko,cascade")
    with pytest.raises(SettingError, match="leave it out of --rows"):
        system_commands(["notebook"], small_artifact, tmp_path)


def test_the_default_systems_keep_their_names() -> None:
    """Other programs read the JSON by these names."""
    assert DEFAULT == ["echo", "baseline", "cascade", "use", "notebook", "confluent", "quixstreams", "faststream"]
    assert set(DEFAULT) <= SYSTEMS.keys()
