"""Training at a terminal."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from training.__main__ import build_parser
from training.commands.prepare import why_train
from training.data.dataset import SAMPLE, load_dataset
from worker.cli import app
from worker.errors import ArtifactError


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run a command; return its exit code and what it wrote to stdout and stderr."""
    code = app.main(build_parser(), arguments)
    captured = capsys.readouterr()
    return code, captured.out, " ".join(captured.err.split())


def test_predict_shows_texts_as_they_are(small_artifact: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Label, probability and stage for each text; brackets are no markup."""
    code, out, _ = run(capsys, "predict", "--artifact", str(small_artifact), "earthquake, many dead", "a [bold]banana")
    assert code == 0
    assert "earthquake, many dead" in out
    assert "[bold]banana" in out
    assert "disaster" in out
    assert "baseline" in out


def test_predict_writes_a_submission(small_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Kaggle takes the file as it is: a row for each id, in order."""
    (tmp_path / "test.csv").write_text('id,keyword,location,text\n0012,,,"flood, 3 dead"\n9,,,my banana\n')
    files = ("--csv", str(tmp_path / "test.csv"), "--out", str(tmp_path / "submission.csv"))
    code, _, _ = run(capsys, "predict", "--artifact", str(small_artifact), *files)
    assert code == 0
    rows = list(csv.DictReader((tmp_path / "submission.csv").read_text().splitlines()))
    assert [row["id"] for row in rows] == ["0012", "9"]
    assert {row["target"] for row in rows} <= {"0", "1"}
    assert rows[0].keys() == {"id", "target"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("predict --artifact nowhere text", "no artifact at nowhere"),
        ("predict --csv a.csv", "--csv and --out go together"),
        ("predict --csv a.csv --out b.csv text", "texts, --csv or --random: one of them"),
        ("fit --data nowhere --out x", "nowhere/train.csv does not exist"),
        ("use --out .", ". exists"),
    ],
)
def test_a_mistake_is_one_line(
    arguments: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, what is wrong, what to do."""
    monkeypatch.chdir(tmp_path)
    code, _, err = run(capsys, *arguments.split())
    assert (code, err.startswith("error: ")) == (2, True)
    assert message in err


def test_predict_draws_random_tweets(small_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same seed draws the same tweets of test.csv; more than there are, or no test.csv, is told."""
    shutil.copy(SAMPLE / "train.csv", tmp_path / "train.csv")
    flags = ("predict", "--artifact", str(small_artifact), "--data", str(tmp_path), "--seed", "3", "--random")
    code, _, err = run(capsys, *flags, "1")
    assert (code, "has no test.csv" in err) == (2, True)
    (tmp_path / "test.csv").write_text("id,text\n" + "".join(f"{i},tweet no {i}\n" for i in range(9)))
    first, second = run(capsys, *flags, "2"), run(capsys, *flags, "2")
    assert first == second
    assert first[1].count("tweet no") == 2
    code, _, err = run(capsys, *flags, "10")
    assert (code, "from 1 to the 9 tweets" in err) == (2, True)


def test_a_share_is_a_share(capsys: pytest.CaptureFixture[str]) -> None:
    """30 is not 0.3."""
    with pytest.raises(SystemExit) as ended:
        run(capsys, "fit", "--max-deferral", "30")
    assert ended.value.code == 2
    assert "not a share from 0 to 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("state", "refresh", "why"),
    [
        ("missing", False, "no cascade at"),
        ("damaged", True, "damaged"),
        ("other data", True, "trained on other data"),
        ("other data", False, ""),
    ],
)
def test_prepare_trains_when_it_must(state: str, refresh: bool, why: str, small_artifact: Path, tmp_path: Path) -> None:
    """A cascade is trained where there is none; the demo's own also where it is of no use, a user's never."""
    folder = tmp_path / "artifact"
    if state != "missing":
        shutil.copytree(small_artifact, folder)
    if state == "damaged":
        (folder / "use.skops").unlink()
    told = why_train(folder, load_dataset(SAMPLE), refresh=refresh)
    assert (why in told) if why else not told


def test_prepare_leaves_a_users_damaged_cascade(small_artifact: Path, tmp_path: Path) -> None:
    """It is told, not replaced."""
    folder = Path(shutil.copytree(small_artifact, tmp_path / "artifact"))
    (folder / "use.skops").unlink()
    with pytest.raises(ArtifactError, match="damaged"):
        why_train(folder, load_dataset(SAMPLE), refresh=False)


def test_lines_of_standard_input_are_texts(
    small_artifact: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A tweet may hold any character but a line's end, also those that Unicode breaks lines at."""
    monkeypatch.setattr("sys.stdin", io.StringIO("flood\u2028in town\n\nbanana\n"))
    code, out, _ = run(capsys, "predict", "--artifact", str(small_artifact), "-")
    assert code == 0
    assert len([line for line in out.splitlines() if "disaster " in line]) == 2


def test_prepare_keeps_a_good_cascade(
    sample_artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second demo does not train again, and one's own cascade is not overwritten."""
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
