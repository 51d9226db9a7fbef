"""`prepare`: train the demo's cascade and write its stream."""

import json
import shutil
from pathlib import Path

import pytest

from tests.training.commands.running import run
from training.commands.prepare_demo import reason_to_train
from training.data.dataset import SAMPLE, load_dataset
from worker.errors import ArtifactError


@pytest.mark.parametrize(
    ("state", "refresh", "reason"),
    [
        ("missing", False, "no cascade at"),
        ("damaged", True, "damaged"),
        ("other data", True, "trained on other data"),
        ("other data", False, ""),
    ],
)
def test_a_cascade_is_trained_if_necessary(
    state: str, refresh: bool, reason: str, small_artifact: Path, tmp_path: Path
) -> None:
    """A missing artifact is trained; the demo's own also if it is damaged or of other data, a user's never."""
    folder = tmp_path / "artifact"
    if state != "missing":
        shutil.copytree(small_artifact, folder)
    if state == "damaged":
        (folder / "use.skops").unlink()
    found = reason_to_train(folder, load_dataset(SAMPLE), refresh=refresh)
    assert (reason in found) if reason else not found


def test_a_users_damaged_artifact_is_not_replaced(small_artifact: Path, tmp_path: Path) -> None:
    """Without --refresh a damaged artifact is an error and stays as it is."""
    folder = Path(shutil.copytree(small_artifact, tmp_path / "artifact"))
    (folder / "use.skops").unlink()
    with pytest.raises(ArtifactError, match="damaged"):
        reason_to_train(folder, load_dataset(SAMPLE), refresh=False)


def test_a_valid_artifact_is_kept(
    sample_artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second demo does not train again, and a user's artifact is not overwritten."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DISASTER_TWEETS_DIR", raising=False)
    before = (sample_artifact / "manifest.json").read_text()
    for flags in (["--refresh"], []):
        files = ("--artifact", str(sample_artifact), "--stream", str(tmp_path / "stream.json"))
        code, _, err = run(capsys, "prepare", *files, *flags)
        assert code == 0
        assert "SAMPLE" in err
    assert (sample_artifact / "manifest.json").read_text() == before
    assert len(json.loads((tmp_path / "stream.json").read_text())["tweets"]) >= 2000
