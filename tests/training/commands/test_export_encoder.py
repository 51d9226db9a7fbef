"""`use`: the sentence encoder as a SavedModel."""

from pathlib import Path

import numpy as np
import pytest

from tests.training.commands.running import run
from worker.models.encoder.selection import FLOAT32
from worker.models.use import UseEncoder


def test_the_saved_model_has_the_vectors_of_the_artifact(
    sample_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever loads it from TensorFlow Hub's API gets what a worker computes in float32."""
    code, out, _ = run(capsys, "use", "--out", str(tmp_path / "use"))
    assert code == 0
    assert "tensorflow_hub.load(" in out
    texts = ["Forest fire near La Ronge", "my mixtape is fire", ""]
    strings = UseEncoder(tmp_path / "use")
    packed = UseEncoder(sample_artifact / "use", only=FLOAT32)
    np.testing.assert_allclose(strings.encode(texts), packed.encode(texts), atol=1e-3)
    assert strings.parameters == pytest.approx(packed.parameters, rel=1e-3)


def test_a_folder_that_exists_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is overwritten; the message names the folder."""
    code, _, err = run(capsys, "use", "--out", str(tmp_path))
    assert code == 2
    assert f"{tmp_path} exists" in " ".join(err.split())


def test_a_handle_that_does_not_resolve_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A typo in `--use-handle` is the user's mistake, in one line."""
    code, _, err = run(capsys, "use", "--out", str(tmp_path / "use"), "--use-handle", "/nowhere")
    assert code == 2
    assert "cannot get the sentence encoder /nowhere" in " ".join(err.split()) or "/nowhere is not" in " ".join(
        err.split()
    )
    assert not (tmp_path / "use").exists()
