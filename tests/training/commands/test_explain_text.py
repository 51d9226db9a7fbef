"""`explain`: show why a cascade labels a text as it does."""

from pathlib import Path

import pytest

from schemas import CLASSES
from tests.artifacts import write_small_artifact
from tests.training.commands.running import run
from worker.models import load_artifact


def test_every_stage_is_explained_and_the_decision_is_the_cascades(
    small_artifact: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is a panel per stage, and the last line has the label and the stage that the cascade itself gives."""
    text = "earthquake, many dead"
    cascade = load_artifact(small_artifact).cascade
    code, out, _ = run(capsys, "explain", "--artifact", str(small_artifact), text)
    assert code == 0
    assert all(f"{stage.name}: " in out for stage in cascade.stages)
    assert out.count("classifier alone") == len(cascade.stages)
    [prediction] = cascade.predict([text]).predictions
    label = CLASSES[prediction.target]
    assert f"{label}, P(disaster) {prediction.probability:.3f}, decided by {prediction.stage}" in out


def test_the_classes_have_the_artifacts_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Words are evidence for one of the artifact's classes, by their names."""
    artifact = write_small_artifact(tmp_path / "a", classes=("Not Relevant", "Relevant"))
    code, out, _ = run(capsys, "explain", "--artifact", str(artifact), "my banana in the earthquake")
    assert (code, "disaster" in out) == (0, False)
    assert all(text in out for text in ("P(Relevant)", "for Relevant", "for Not Relevant"))
