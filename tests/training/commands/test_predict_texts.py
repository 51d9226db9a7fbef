"""`predict`: label texts with a trained cascade."""

import csv
import io
import shutil
from pathlib import Path

import pytest

from tests.training.commands.running import run
from training.data.dataset import SAMPLE


def test_texts_are_shown_verbatim(small_artifact: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each text has a row with label, probability and stage, and brackets are not read as markup."""
    code, out, _ = run(capsys, "predict", "--artifact", str(small_artifact), "earthquake, many dead", "a [bold]banana")
    assert code == 0
    assert "earthquake, many dead" in out
    assert "[bold]banana" in out
    assert "disaster" in out
    assert "baseline" in out


def test_a_file_becomes_a_submission(small_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The submission has a row per id, in the order of the file, in Kaggle's format."""
    (tmp_path / "test.csv").write_text('id,keyword,location,text\n0012,,,"flood, 3 dead"\n9,,,my banana\n')
    files = ("--csv", str(tmp_path / "test.csv"), "--out", str(tmp_path / "submission.csv"))
    code, _, _ = run(capsys, "predict", "--artifact", str(small_artifact), *files)
    assert code == 0
    rows = list(csv.DictReader((tmp_path / "submission.csv").read_text().splitlines()))
    assert [row["id"] for row in rows] == ["0012", "9"]
    assert {row["target"] for row in rows} <= {"0", "1"}
    assert rows[0].keys() == {"id", "target"}


def test_random_tweets_depend_on_the_seed(
    small_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same seed draws the same tweets of test.csv; a missing test.csv or too large a number is an error."""
    shutil.copy(SAMPLE / "train.csv", tmp_path / "train.csv")
    flags = ("predict", "--artifact", str(small_artifact), "--data", str(tmp_path), "--seed", "3", "--random")
    code, _, err = run(capsys, *flags, "1")
    assert (code, "has no test.csv" in err) == (2, True)
    (tmp_path / "test.csv").write_text("id,text\n" + "".join(f"{i},tweet no {i}\n" for i in range(9)))
    first, second = run(capsys, *flags, "2"), run(capsys, *flags, "2")
    assert first == second
    assert first[1].count("tweet no") == 2
    code, _, err = run(capsys, *flags, "10")
    assert (code, "from 1 to 9" in err) == (2, True)


def test_lines_of_standard_input_are_texts(
    small_artifact: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only a line feed ends a text; Unicode's other line separators may be part of a tweet."""
    monkeypatch.setattr("sys.stdin", io.StringIO("flood\u2028in town\n\nbanana\n"))
    code, out, _ = run(capsys, "predict", "--artifact", str(small_artifact), "-")
    assert code == 0
    assert len([line for line in out.splitlines() if "disaster " in line]) == 2
