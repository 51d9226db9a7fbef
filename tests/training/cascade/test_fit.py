"""Fitting a cascade: its artifact, its manifest, and the demo's stream."""

from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from schemas import MANIFEST_NAME
from tests.tiny_encoder import write_tiny_encoder
from training.artifacts import staged
from training.cascade.fit import FitOptions, fit
from training.data.dataset import SAMPLE, load_dataset, split, texts_of
from training.demo_stream import LEAST, build_stream
from worker.cli.console import progress_bar
from worker.errors import SettingError
from worker.models.artifact import Artifact, load_artifact


def test_the_artifact_is_served_as_it_was_measured(loaded_sample: Artifact) -> None:
    """The held-out metrics in the manifest are those of the cascade that a worker loads from the folder."""
    artifact = loaded_sample
    held_out = split(load_dataset(SAMPLE).labelled).held_out
    predictions = artifact.cascade.predict(texts_of(held_out)).predictions
    right = [p.target == t for p, t in zip(predictions, held_out["target"], strict=True)]
    assert sum(right) / len(right) == pytest.approx(artifact.manifest.metrics["held_out_accuracy"])
    deferred = sum(p.stage == artifact.manifest.stages[-1].name for p in predictions) / len(predictions)
    assert deferred == pytest.approx(artifact.manifest.metrics["held_out_deferral"])


def test_the_manifest_has_what_reproduces_it(loaded_sample: Artifact) -> None:
    """The manifest lists the data's checksum and size, the library versions and the metrics."""
    manifest = loaded_sample.manifest
    assert manifest.data.sha256 == load_dataset(SAMPLE).sha256
    assert (manifest.data.train_rows, manifest.data.held_out_rows) == (738, 82)
    assert {"tensorflow", "scikit-learn", "python"} <= manifest.versions.keys()
    assert manifest.metrics["out_of_fold_deferral"] <= 0.25
    assert (
        manifest.metrics["out_of_fold_accuracy"] >= manifest.metrics[f"out_of_fold_{manifest.stages[0].name}_accuracy"]
    )


def test_the_manifest_has_both_kinds_of_folds(loaded_sample: Artifact) -> None:
    """The sample has keywords: the promise is of unseen ones, and the figures in random folds are beside it."""
    manifest = loaded_sample.manifest
    policy, metrics = manifest.policy, manifest.metrics
    assert policy is not None
    assert policy.grouped_by == "keyword"
    assert (policy.chosen.accuracy, policy.random.point.accuracy) == (
        metrics["grouped_accuracy"],
        metrics["out_of_fold_accuracy"],
    )
    assert policy.random.point.deferral <= 0.2
    assert policy.random != policy.grouped


def test_a_cascade_on_the_users_encoder_is_served_as_it_was_measured(tmp_path: Path) -> None:
    """The artifact holds that encoder and not USE; bands, blends and metrics are of what a worker loads."""
    model = write_tiny_encoder(tmp_path / "tiny")
    options = FitOptions(stages=("baseline", "encoder_svm"), encoder=model)
    fitted = fit(load_dataset(SAMPLE), tmp_path / "artifact", options, progress_bar(Console(quiet=True)))
    artifact = load_artifact(tmp_path / "artifact")
    held_out = split(load_dataset(SAMPLE).labelled).held_out
    predictions = artifact.cascade.predict(texts_of(held_out)).predictions
    right = [p.target == t for p, t in zip(predictions, held_out["target"], strict=True)]
    metrics, last = fitted.manifest.metrics, fitted.manifest.stages[-1]
    assert sum(right) / len(right) == pytest.approx(metrics["held_out_accuracy"], abs=0.02)
    assert (last.kind, last.files["encoder"], last.blend and {*last.blend.without}) == ("encoder", "encoder", {1})
    assert {Path(name).parts[0] for name in fitted.manifest.files if "/" in name} == {"encoder"}
    assert fitted.manifest.other_encoder is not None
    assert fitted.manifest.other_encoder.stage == "encoder_svm"
    assert fitted.manifest.encoder is None
    assert metrics["out_of_fold_encoder_svm_accuracy"] > 0.6


def test_a_failed_training_keeps_the_old_artifact(tmp_path: Path) -> None:
    """A worker that restarts meanwhile loads the old artifact, whole."""
    old = tmp_path / "artifact"
    old.mkdir()
    (old / MANIFEST_NAME).write_text('{"files": {}}')
    with pytest.raises(ZeroDivisionError), staged(old) as folder:
        (folder / MANIFEST_NAME).write_text(str(1 / 0))
    assert (old / MANIFEST_NAME).read_text() == '{"files": {}}'
    with staged(old) as folder:
        (folder / MANIFEST_NAME).write_text("new")
    assert (old / MANIFEST_NAME).read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["artifact"]


@pytest.mark.parametrize("manifest", [None, "{}", "[]", "no JSON", '{"name": "web app", "icons": []}'])
def test_a_folder_without_an_artifact_is_not_replaced(manifest: str | None, tmp_path: Path) -> None:
    """`--out ~` must not delete a home directory, nor a web app that has its own manifest.json."""
    (tmp_path / "mine").write_text("dear")
    if manifest is not None:
        (tmp_path / MANIFEST_NAME).write_text(manifest)
    with pytest.raises(SettingError, match="something else"), staged(tmp_path):
        pass
    assert (tmp_path / "mine").read_text() == "dear"


def test_the_stream_has_no_target_that_the_cascade_was_trained_on() -> None:
    """The demo's accuracy is measured on tweets that no stage and no band was fitted on."""
    data = load_dataset(SAMPLE)
    train = set(texts_of(split(data.labelled).train))
    tweets = build_stream(data, data.sha256).tweets
    assert len(tweets) >= LEAST
    assert len({tweet.id for tweet in tweets}) == len(tweets)
    scored = [tweet for tweet in tweets if tweet.target is not None]
    assert scored
    assert not [tweet for tweet in scored if tweet.text in train]


def test_a_held_out_text_that_was_also_trained_on_is_not_scored(tmp_path: Path) -> None:
    """Kaggle's data has duplicate texts, and the split puts some of them in both parts."""
    texts = [f"tweet {n // 2}" for n in range(200)]
    frame = pd.DataFrame({"id": range(200), "text": texts, "target": [n // 2 % 2 for n in range(200)]})
    frame.to_csv(tmp_path / "train.csv", index=False)
    data = load_dataset(tmp_path)
    train, held_out = (set(texts_of(part)) for part in (split(data.labelled).train, split(data.labelled).held_out))
    scored = {tweet.text for tweet in build_stream(data, data.sha256).tweets if tweet.target is not None}
    assert scored == held_out - train
    assert scored < held_out, "this split has texts in both parts"


def test_a_cascade_of_other_data_is_not_scored() -> None:
    """It is unknown which of the tweets the cascade was trained on, so none carries a target."""
    tweets = build_stream(load_dataset(SAMPLE), "another checksum").tweets
    assert {tweet.target for tweet in tweets} == {None}
