"""`evaluate`: measure an artifact on labelled files."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
import skops.io
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from schemas import StageSpec
from tests.artifacts import describe
from tests.training.commands.running import run
from tests.training.data.labelled import KAGGLE, T6, T26
from tests.training.review.sheets import new_sheet
from training.artifacts import Measured, write_manifest
from training.data.dataset import SAMPLE, load_dataset, targets_of, texts_of
from training.data.reviewed import write_fingerprints
from worker.models.artifact import read_manifest


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Return a file of CrisisLexT6, one of CrisisLexT26 and one of Kaggle's."""
    for name, content in (("flood.csv", T6), ("quake.csv", T26), ("train.csv", KAGGLE)):
        (tmp_path / name).write_text(content)
    return [str(tmp_path / name) for name in ("flood.csv", "quake.csv", "train.csv")]


def test_each_file_is_a_group(small_artifact: Path, files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """There is a row for all tweets and one for each file; rows that are left out are mentioned."""
    code, out, _ = run(capsys, "evaluate", *files, "--artifact", str(small_artifact))
    assert code == 0
    assert "7 tweets, 57% of them of class disaster" in out
    assert all(name in out for name in ("flood", "quake", "train", "unseen keyword", "random folds"))
    assert "1 rows are left out, whose label is neither: Not applicable (1)" in out
    assert "the last stage overrules at most 4.0% of the early decisions" in out


def test_json_has_all_figures(small_artifact: Path, files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A program reads what the table shows, and more."""
    code, out, _ = run(capsys, "evaluate", *files, "--artifact", str(small_artifact), "--json")
    found = json.loads(out)
    assert code == 0
    assert {group["group"] for group in found["groups"]} == {"flood", "quake", "train"}
    assert found["all"]["tweets"] == 7
    assert found["all"]["cascade"].keys() == {"accuracy", "f1", "f1_macro", "roc_auc", "calibration_error"}
    assert found["all"]["overruled"].keys() == {"early", "tweets", "share", "low", "high"}
    assert found["promised"] == {"overruled": 0.03, "overruled_high": 0.04}
    assert found["left_out"] == {"Not applicable": 1}


def test_groups_may_be_a_columns_values(
    small_artifact: Path, files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """--by splits a file by a column; a file without the column is named."""
    code, out, _ = run(
        capsys, "evaluate", files[1], "--artifact", str(small_artifact), "--by", "information source", "--json"
    )
    assert code == 0
    assert {group["group"] for group in json.loads(out)["groups"]} == {"Media", "Outsiders", "Not labeled"}
    code, _, err = run(capsys, "evaluate", *files, "--artifact", str(small_artifact), "--by", "keyword")
    assert (code, "flood.csv: --by: no column is 'keyword'; the columns are tweet id, tweet, label" in err) == (2, True)


def test_a_required_promise_that_is_broken_gives_exit_code_1(
    small_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pipeline stops before it serves an artifact whose last stage contradicts the first on its stream."""
    contrary = Path(shutil.copytree(small_artifact, tmp_path / "contrary"))
    labelled = load_dataset(SAMPLE).labelled
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts_of(labelled), 1 - targets_of(labelled))
    skops.io.dump(model, contrary / "use.skops")
    describe(contrary)
    for artifact, expected in ((small_artifact, 0), (contrary, 1)):
        flags = ("--artifact", str(artifact), "--json", "--require-promise")
        code, out, _ = run(capsys, "evaluate", str(SAMPLE / "train.csv"), *flags)
        assert (code, bool(json.loads(out)["broken"])) == (expected, bool(expected))


def test_a_single_model_has_no_promise_to_require(
    small_artifact: Path, files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is evaluated without; --require-promise would never fail, so it is refused."""
    single = Path(shutil.copytree(small_artifact, tmp_path / "single"))
    (single / "baseline.skops").unlink()
    stage = StageSpec(name="use", kind="sklearn", files={"model": "use.skops"})
    write_manifest(single, [stage], read_manifest(single).data, 42, Measured({}))
    code, out, _ = run(capsys, "evaluate", *files, "--artifact", str(single))
    assert (code, "Promise" in out, "100.0%" in out) == (0, False, True)
    code, _, err = run(capsys, "evaluate", *files, "--artifact", str(single), "--require-promise")
    assert (code, "single is a single model, which promises nothing" in err) == (2, True)


def test_the_training_data_are_recognized(
    small_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Good figures for the tweets of the training come with a warning."""
    mine = tmp_path / "mine.csv"
    mine.write_text(KAGGLE)
    artifact = Path(shutil.copytree(small_artifact, tmp_path / "artifact"))
    manifest = read_manifest(artifact)
    data = manifest.data.model_copy(update={"sha256": hashlib.sha256(mine.read_bytes()).hexdigest()})
    write_manifest(artifact, manifest.stages, data, 42, Measured({}, manifest.policy))
    for folder, warned in ((artifact, True), (small_artifact, False)):
        code, _, err = run(capsys, "evaluate", str(mine), "--artifact", str(folder))
        assert (code, "is the file that the artifact was trained on" in err) == (0, warned)


def test_a_picture_is_drawn(
    small_artifact: Path, files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The picture names each group; a folder that does not exist is the user's mistake."""
    picture = tmp_path / "groups.svg"
    code, _, _ = run(capsys, "evaluate", *files, "--artifact", str(small_artifact), "--picture", str(picture))
    assert (code, all(name in picture.read_text() for name in ("flood, 2", "quake, 3", "all, 7"))) == (0, True)
    nowhere = str(tmp_path / "none" / "groups.svg")
    code, _, err = run(capsys, "evaluate", *files, "--artifact", str(small_artifact), "--picture", nowhere)
    assert (code, "--picture: cannot write" in err) == (2, True)


def test_an_unknown_file_gets_the_command_to_try(
    small_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message shows the columns and repeats the command with the flag that is missing; so corrected, it works."""
    path = tmp_path / "my tweets.csv"
    path.write_text("nr,body,class\n1,the dam broke,flood\n2,a banana,rest\n")
    code, _, err = run(capsys, "evaluate", str(path), "--artifact", str(small_artifact))
    assert code == 2
    assert "the columns are nr, body, class" in err
    assert f"python -m training evaluate '{path}' --text-column body --label-column class" in err
    flags = ("--text-column", "body", "--label-column", "class", "--positive", "flood")
    code, out, _ = run(capsys, "evaluate", str(path), "--artifact", str(small_artifact), *flags)
    assert (code, "2 tweets, 50% of them of class disaster" in out) == (0, True)


def test_two_artifacts_are_compared(
    small_artifact: Path, files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--against shows both accuracies and the interval of the change, for all tweets and for each file."""
    contrary = Path(shutil.copytree(small_artifact, tmp_path / "contrary"))
    labelled = load_dataset(SAMPLE).labelled
    for name in ("baseline", "use"):
        model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts_of(labelled), 1 - targets_of(labelled))
        skops.io.dump(model, contrary / f"{name}.skops")
    describe(contrary)
    train, flags = str(SAMPLE / "train.csv"), ("--artifact", str(small_artifact), "--against", str(contrary))
    code, out, _ = run(capsys, "evaluate", train, files[1], *flags, "--json")
    found = json.loads(out)["against"]
    assert (code, {one["group"] for one in found["changes"]}) == (0, {"all", "quake", "train"})
    everything = found["changes"][0]
    assert everything["tweets"] == 823
    assert everything["before"] < 0.5 < everything["after"]
    assert everything["low"] < everything["difference"] < everything["high"]
    assert everything["low"] > 0.5
    code, out, _ = run(capsys, "evaluate", train, *flags)
    assert (code, f"Accuracy against {read_manifest(contrary).model_version}" in out) == (0, True)
    code, out, _ = run(capsys, "evaluate", train, "--artifact", str(small_artifact), "--against", str(small_artifact))
    assert (code, "+0.0" in out) == (0, True)


def test_tweets_of_a_review_are_left_out(
    small_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither artifact is measured on tweets that one of them was trained on after a review."""
    reviewed = Path(shutil.copytree(small_artifact, tmp_path / "reviewed"))
    labelled = load_dataset(SAMPLE).labelled
    write_fingerprints(reviewed, labelled[:20])
    describe(reviewed)
    for first, second in ((reviewed, small_artifact), (small_artifact, reviewed)):
        flags = ("--artifact", str(first), "--against", str(second))
        code, out, err = run(capsys, "evaluate", str(SAMPLE / "train.csv"), *flags, "--json")
        assert (code, json.loads(out)["all"]["tweets"] <= 800) == (0, True)
        assert "tweets are left out: an artifact was trained on them, after a review" in err


def test_a_review_is_no_sample_of_the_stream(
    small_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A review file is evaluated as it is, and its picked tweets are said to be no fair sample; a random one is."""
    path = tmp_path / "review.csv"
    for reason, warned in (("boundary", True), ("random", False)):
        new_sheet(path, "the dam broke", "a banana", "smoke", labels=["disaster", "not_disaster"], reason=reason).save()
        code, out, err = run(capsys, "evaluate", str(path), "--artifact", str(small_artifact))
        assert (code, "2 tweets, 50% of them of class disaster" in out) == (0, True)
        assert ("--by picked_for shows its random share apart" in err) == warned
