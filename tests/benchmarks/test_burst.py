"""The burst benchmark."""

from pathlib import Path

import pytest

from benchmarks import burst
from tests.benchmarks.conftest import Run
from training.data.dataset import SAMPLE
from worker.cli import app


@pytest.mark.broker
def test_both_modes_are_measured(run: Run, small_artifact: Path, tmp_path: Path) -> None:
    """One command measures both modes, and writes rows and a picture."""
    picture = tmp_path / "burst.png"
    flags = ("--tweets", str(SAMPLE / "train.csv"), "--capacity", "1000", "--seconds", "0.5", "0.5", "0.5")
    rows, _ = run(burst, small_artifact, *flags, "--picture", str(picture))
    assert [(row["name"], row["phase"]) for row in rows] == [
        (mode, phase) for mode in ("shed", "lag") for phase in ("before", "burst", "after")
    ]
    assert all(0.5 < row["accuracy"] <= 1 for row in rows)
    assert rows[1]["sent_per_second"] > 5 * rows[0]["sent_per_second"]
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_an_invalid_objective_is_reported(small_artifact: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong duration ends the command with one line, before a broker is started."""
    flags = ["--artifact", str(small_artifact), "--latency-objective", "soon"]
    assert app.main(burst.build_parser(), flags) == 2
    assert "--latency-objective" in capsys.readouterr().err
