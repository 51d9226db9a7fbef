"""`fit`: train a cascade."""

import csv
from pathlib import Path

import pytest

from tests.tiny_encoder import write_tiny_encoder
from tests.training.commands.running import run
from tests.training.review.sheets import new_sheet
from training.data.dataset import SAMPLE
from worker.models import load_artifact
from worker.models.artifact import read_manifest


def test_a_share_is_at_most_one(capsys: pytest.CaptureFixture[str]) -> None:
    """30 for 30 % is rejected: a share is from 0 to 1."""
    with pytest.raises(SystemExit) as ended:
        run(capsys, "fit", "--max-deferral", "30")
    assert ended.value.code == 2
    assert "not a share from 0 to 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("stages", "message"),
    [("baseline", "two or more"), ("baseline,baseline", "two or more"), ("baseline,bert", "no model is called bert")],
)
def test_stages_are_two_or_more_known_models(stages: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A chain with one model, a repeated one or an unknown one is rejected before anything is trained."""
    code, _, err = run(capsys, "fit", "--stages", stages)
    assert (code, message in err) == (2, True)


def test_the_column_of_the_groups_must_exist(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing column is refused before anything is trained, with the columns that there are."""
    flags = ("--data", str(SAMPLE), "--out", str(tmp_path / "artifact"), "--group-by", "event")
    code, _, err = run(capsys, "fit", *flags)
    assert (code, "--group-by: no column is 'event'; the columns are id, keyword" in err) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_file_gets_the_command_to_try(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message repeats the user's flags, and has the guessed ones."""
    path = tmp_path / "mine.csv"
    path.write_text("nr;body;class\n1;the dam broke;flood\n2;a banana;rest\n")
    code, _, err = run(capsys, "fit", "--data", str(path), "--encoding", "utf-8")
    again = f"python -m training fit --data {path} --encoding utf-8 --text-column body --label-column class"
    assert (code, again in err) == (2, True)
    columns = ("--text-column", "body", "--label-column", "class")
    code, _, err = run(capsys, "fit", "--data", str(path), *columns)
    labels = "the labels are 'flood' (1), 'rest' (1); correct it, or say which mean a disaster:"
    again = f"{labels} python -m training fit --data {path} {' '.join(columns)} --positive flood"
    assert (code, again in err) == (2, True)
    code, _, err = run(capsys, "fit", "--data", str(path), *columns, "--positive", "flood")
    assert (code, "too few labelled tweets" in err) == (2, True)


def test_reviewed_tweets_are_trained_on_and_not_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The cascade learns a word that only the review has; no figure is of the review, and `evaluate` leaves it out."""
    new = [f"zorbulation {word} here" for word in ("one", "two", "street", "church", "market", "harbour")]
    sheet = new_sheet(tmp_path / "review.csv", *new, labels=["disaster"] * 6)
    sheet.save()
    out, flags = tmp_path / "artifact", ("--data", str(SAMPLE), "--stages", "baseline,linear", "--max-deferral", "1")
    code, _, err = run(capsys, "fit", *flags, "--out", str(out), "--reviewed", str(sheet.path))
    assert code == 0
    assert "trained on 6 reviewed tweets too, each counted 10 times; the figures are of the other tweets" in err
    artifact = load_artifact(out)
    assert (artifact.manifest.data.train_rows, artifact.manifest.data.held_out_rows) == (738, 82)
    found = artifact.cascade.predict(["zorbulation"]).predictions[0]
    assert found.probability > 0.8
    code, _, err = run(capsys, "evaluate", str(sheet.path), "--artifact", str(out))
    assert (code, "the artifact was trained on all of these tweets, after a review" in err) == (2, True)


def test_a_review_without_labels_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is trained; a missing file as well."""
    new_sheet(tmp_path / "review.csv", "fire").save()
    for name, message in (("review.csv", "no tweet of this review has a label yet"), ("none.csv", "cannot read")):
        flags = ("--data", str(SAMPLE), "--out", str(tmp_path / "artifact"), "--reviewed", str(tmp_path / name))
        code, _, err = run(capsys, "fit", *flags)
        assert (code, message in err, (tmp_path / "artifact").exists()) == (2, True, False)


@pytest.mark.parametrize(
    ("names", "message"),
    [("relevant", "neither two names"), ("relevant,Relevant", "the same name"), ("a,b,c", "neither two names")],
)
def test_names_of_classes_are_two(names: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Names that consumers could confuse are refused before the data are read."""
    with pytest.raises(SystemExit) as ended:
        run(capsys, "fit", "--classes", names)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_swapped_names_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A label of the other class as a name would make every label of the worker say the opposite."""
    code, _, err = run(capsys, "fit", "--data", str(SAMPLE), "--classes", "not_disaster,disaster")
    assert (code, "try --classes disaster,not_disaster" in err) == (2, True)


def test_a_command_to_try_keeps_the_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message of an unknown label repeats the names, in the user's order."""
    path = tmp_path / "mine.csv"
    path.write_text("id,text,target\n1,the dam broke,flood\n2,a banana,dry\n")
    code, _, err = run(capsys, "fit", "--data", str(path), "--classes", "wet,dry")
    assert (code, "--classes wet,dry --positive flood" in err) == (2, True)


def test_names_reach_the_artifact(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Labels called like the classes need no other flag; what is trained on them has these names."""
    names = {"1": "Relevant", "0": "Irrelevant"}
    with (SAMPLE / "train.csv").open(newline="", encoding="utf-8") as file:
        rows = [{**row, "target": names[row["target"]]} for row in csv.DictReader(file)]
    with (tmp_path / "mine.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    flags = ("--data", str(tmp_path / "mine.csv"), "--classes", "Relevant,Irrelevant", "--stages", "baseline,linear")
    code, out, _ = run(capsys, "fit", *flags, "--out", str(tmp_path / "artifact"))
    assert (code, "tweets are of class Relevant" in " ".join(out.split())) == (0, True)
    assert read_manifest(tmp_path / "artifact").classes == ("Irrelevant", "Relevant")
    assert "P(Relevant)" in (tmp_path / "artifact.html").read_text(encoding="utf-8")
    code, out, _ = run(capsys, "evaluate", str(tmp_path / "mine.csv"), "--artifact", str(tmp_path / "artifact"))
    assert (code, "of them of class Relevant" in out) == (0, True)


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("model.onnx", "has no model.onnx; export it"),
        ("tokenizer.json", "has no tokenizer.json; save it"),
        ("", "no folder"),
    ],
)
def test_a_wrong_encoder_is_refused_before_anything_is_trained(
    missing: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line says what the folder lacks; nothing is written."""
    folder = tmp_path / "encoder"
    if missing:
        (write_tiny_encoder(folder) / missing).unlink()
    flags = ("--data", str(SAMPLE), "--out", str(tmp_path / "out" / "artifact"), "--encoder", str(folder))
    code, _, err = run(capsys, "fit", *flags)
    assert (code, message in err) == (2, True)
    assert not (tmp_path / "out").exists()


def test_an_encoder_and_its_stage_belong_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A stage without its encoder, or an encoder that no stage uses, is a mistake."""
    data = ("--data", str(SAMPLE), "--out", str(tmp_path / "artifact"))
    code, _, err = run(capsys, "fit", *data, "--stages", "baseline,encoder_svm")
    assert (code, "--stages: encoder_svm needs a sentence encoder; give its folder with --encoder" in err) == (2, True)
    encoder = str(write_tiny_encoder(tmp_path / "encoder"))
    code, _, err = run(capsys, "fit", *data, "--stages", "baseline,use_svm", "--encoder", encoder)
    assert (code, "--encoder: no stage uses it; add encoder_svm" in err) == (2, True)


def test_the_benchmark_has_no_other_encoder(capsys: pytest.CaptureFixture[str]) -> None:
    """The message names the command that has."""
    code, _, err = run(capsys, "benchmark", "--data", str(SAMPLE), "--models", "encoder_svm")
    assert (code, "python -m training fit --encoder" in err) == (2, True)
