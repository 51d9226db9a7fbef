"""`prepare`: train the demo's cascade and write its stream."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.training.commands.running import run
from training.commands.prepare_demo import reason_to_train
from training.data.dataset import SAMPLE, load_dataset, split, texts_of
from training.demo_stream import unseen_texts
from worker.cli.tweet_files import read_messages
from worker.errors import ArtifactError
from worker.models.artifact import Artifact
from worker.monitoring.drift import stability_index
from worker.types import Floats


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


def test_unseen_tweets_are_unseen() -> None:
    """No tweet of the training part is among them; there are enough for a stream."""
    dataset = load_dataset(SAMPLE)
    found = unseen_texts(dataset)
    assert not set(found) & set(texts_of(split(dataset.labelled).train))
    assert len(found) == len(set(found)) > 300


def test_a_stream_of_unseen_tweets_is_no_drift(loaded_sample: Artifact) -> None:
    """The producer of docker-compose.yml does not raise the alert CascadeDrift; a stream of training tweets would."""
    dataset, stage = load_dataset(SAMPLE), loaded_sample.cascade.stages[0]
    unseen, trained = (
        _drift(loaded_sample, stage.probabilities(texts))
        for texts in (unseen_texts(dataset), texts_of(split(dataset.labelled).train))
    )
    assert unseen < 0.25 < trained


def _drift(artifact: Artifact, probabilities: Floats) -> float:
    assert artifact.manifest.policy
    counts, _ = np.histogram(probabilities, bins=20, range=(0, 1))
    return stability_index(np.asarray(artifact.manifest.policy.histogram), counts / counts.sum())


def test_prepare_writes_unseen_tweets(
    sample_artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file is what `python -m worker produce` reads; each copy of a tweet has a key of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DISASTER_TWEETS_DIR", raising=False)
    code, _, _ = run(capsys, "prepare", "--artifact", str(sample_artifact), "--unseen", str(tmp_path / "unseen.csv"))
    assert code == 0
    messages = list(read_messages(str(tmp_path / "unseen.csv"), "tweets"))
    texts = {json.loads(message.value or b"")["text"] for message in messages}
    assert texts == set(unseen_texts(load_dataset(SAMPLE)))
    assert len({message.key for message in messages}) == len(messages) >= 10_000
