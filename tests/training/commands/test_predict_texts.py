"""`predict`: label texts with a trained cascade."""

import csv
import io
import re
import shutil
from pathlib import Path

import pytest

from tests.artifacts import write_small_artifact
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


def test_labels_have_the_artifacts_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever trained for other classes reads their names, in the table and in the summary of a file."""
    artifact = str(write_small_artifact(tmp_path / "a", classes=("Not Relevant", "Relevant")))
    code, out, _ = run(capsys, "predict", "--artifact", artifact, "earthquake, many dead", "my banana")
    assert (code, "disaster" in out) == (0, False)
    assert {"P(Relevant)", "Not Relevant"} <= {cell.strip() for cell in re.split(r"[│┃\n]", out)}
    (tmp_path / "test.csv").write_text('id,text\n1,"flood, 3 dead"\n2,my banana\n')
    files = ("--file", str(tmp_path / "test.csv"), "--out", str(tmp_path / "submission.csv"))
    code, out, _ = run(capsys, "predict", "--artifact", artifact, *files)
    assert (code, "2 tweets, 1 of them of class Relevant" in out) == (0, True)


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


def test_a_shifted_row_is_refused(small_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A comma without quotation marks would make the text's beginning the id; other columns need a flag."""
    (tmp_path / "a.csv").write_text("id,text\n11,Storm, roofs gone\n12,Flood, cellar full\n")
    flags = ("predict", "--artifact", str(small_artifact), "--out", str(tmp_path / "out.csv"), "--file")
    code, _, err = run(capsys, *flags, str(tmp_path / "a.csv"))
    assert (code, "a.csv, line 2: the row has 3 fields, the header 2 (id, text)" in err) == (2, True)
    assert not (tmp_path / "out.csv").exists()
    (tmp_path / "b.csv").write_text("nr;body\n11;Storm, roofs gone\n12;\n")
    code, _, err = run(capsys, *flags, str(tmp_path / "b.csv"))
    assert (code, f"--file {tmp_path / 'b.csv'} --out {tmp_path / 'out.csv'} --text-column body" in err) == (2, True)
    columns = ("--text-column", "body", "--id-column", "nr", "--on-bad-row", "skip")
    code, out, err = run(capsys, *flags, str(tmp_path / "b.csv"), *columns)
    assert (code, "1 tweets" in out, "1 bad rows are left out" in err) == (0, True, True)


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
