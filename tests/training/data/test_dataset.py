"""Finding, loading, validating and splitting the tweets."""

from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest

from tests.training.data.labelled import T6, T26
from training.data.dataset import SAMPLE, find_dataset, load_dataset, load_files, split
from training.data.groups import group_tweets
from training.data.label_columns import LabelSettings
from worker.errors import DataError, SettingError


def test_the_sample_is_balanced_and_large_enough() -> None:
    """The project can be tried without a download."""
    sample = load_dataset(SAMPLE)
    assert sample.name == "sample"
    assert len(sample.labelled) >= 600
    assert sample.labelled["target"].mean() == pytest.approx(0.5, abs=0.05)
    assert not sample.labelled["text"].str.lower().duplicated().any()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id,body,target\n1,a,1\n", "no column has a known name for the text; the columns are id, body, target"),
        ("text\na\n", "no column has a known name for the label; the columns are text"),
        ("id,text,target\n", "has no rows"),
        ("", "is empty"),
        ("id,text,target\n7,,1\n", r"line 2: the row has no text"),
        ("id,text,target\n1,a,1\n7,b,2\n", r"line 3 \(id 7\): '2' is not a label .* labels are '1' \(1\), '2' \(1\)"),
        ("id,text,target\n1,a,yes\n", r"line 2 \(id 1\): 'yes' is not a label"),
        ("id,text,target\n1,a,1\n7,b,\n", r"line 3: the row has no label \(id 7\)"),
        ("id,text,target\n1,a,1,\n", "line 2: the row has 4 fields, the header 3"),
        ("id,text,target\nx,a,1,\ny,b,0,\n", "line 2: the row has 4 fields, the header 3"),
    ],
)
def test_an_invalid_file_is_reported(content: str, message: str, tmp_path: Path) -> None:
    """The error names the file and what is wrong with it, before anything is trained."""
    path = tmp_path / "train.csv"
    path.write_text(content)
    with pytest.raises(DataError, match=message):
        load_files([path], LabelSettings())


def test_a_named_folder_without_data_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who names a folder never gets the sample instead."""
    monkeypatch.setenv("DISASTER_TWEETS_DIR", str(tmp_path))
    with pytest.raises(DataError, match="train.csv does not exist"):
        find_dataset()


def test_data_is_found_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The flag comes first, then the environment, ./data, and the sample."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DISASTER_TWEETS_DIR", raising=False)
    assert find_dataset().name == "sample"
    for folder in ("data", "named", "flag"):
        Path(folder).mkdir()
        Path(folder, "train.csv").write_text(f"id,text,target\n1,{folder},1\n")
    assert find_dataset().folder == Path("data")
    monkeypatch.setenv("DISASTER_TWEETS_DIR", "named")
    assert find_dataset().folder == Path("named")
    assert find_dataset(Path("flag")).folder == Path("flag")
    assert find_dataset().name == "custom"


def test_labelled_files_are_data(tmp_path: Path) -> None:
    """Others' files are loaded as they are; of several, the file's name is a group that no fold divides."""
    for name, content in (("flood.csv", T6), ("quake.csv", T26)):
        (tmp_path / name).write_text(content)
    one, both = find_dataset(tmp_path / "flood.csv"), find_dataset(tmp_path / "flood.csv", tmp_path / "quake.csv")
    assert one.labelled.columns.tolist() == ["id", "text", "target"]
    assert (one.name, one.unlabelled, one.sha256) == ("custom", None, sha256(T6.encode()).hexdigest())
    assert both.labelled["file"].tolist() == ["flood.csv"] * 2 + ["quake.csv"] * 3
    assert both.labelled["target"].tolist() == [0, 1, 1, 1, 0]
    assert (both.labelled["id"].iloc[0], both.labelled["Information Source"].iloc[2]) == ("100000000000000001", "Media")
    grouping = group_tweets(both.labelled)
    assert (grouping.by, grouping.groups.tolist()) == ("file", [0, 0, 1, 1, 1])
    assert "1 rows are left out" in both.remarks[0]
    assert both.sha256 == find_dataset(tmp_path / "quake.csv", tmp_path / "flood.csv").sha256 != one.sha256


def test_columns_are_renamed_and_others_of_those_names_dropped(tmp_path: Path) -> None:
    """The chosen columns are the text and the label, also where the file calls others so."""
    (tmp_path / "mine.csv").write_text("text,body,class,target\nx,fire,bad,7\ny,tea,good,8\n")
    settings = LabelSettings("body", "class", positive=("bad",))
    labelled = find_dataset(tmp_path / "mine.csv", settings=settings).labelled
    assert labelled.columns.tolist() == ["id", "text", "target"]
    assert labelled.to_numpy().tolist() == [["2", "fire", 1], ["3", "tea", 0]]


def test_folders_and_files_are_not_mixed(tmp_path: Path) -> None:
    """It would not be clear what test.csv belongs to."""
    with pytest.raises(SettingError, match="--data: give one folder"):
        find_dataset(tmp_path, tmp_path / "flood.csv")


def test_the_split_leaks_nothing() -> None:
    """No row is on both sides, no row is lost, and the same rows are held out every time."""
    labelled = load_dataset(SAMPLE).labelled
    parts = split(labelled)
    assert sorted([*parts.train["id"], *parts.held_out["id"]]) == sorted(labelled["id"])
    assert list(split(labelled).held_out["id"]) == list(parts.held_out["id"])


def test_too_few_tweets_are_reported() -> None:
    """Too few tweets of a class end in a one-line error, not in a library's traceback."""
    few = pd.DataFrame({"id": range(30), "text": "x", "target": [1] * 25 + [0] * 5})
    with pytest.raises(DataError, match="at least 10 of each"):
        split(few)


def test_kaggle_is_split_as_in_the_notebook(kaggle: Path) -> None:
    """The split is the course's, so that figures can be compared with the course's."""
    data = load_dataset(kaggle)
    parts = split(data.labelled)
    assert data.name == "kaggle"
    assert (len(parts.train), len(parts.held_out)) == (6851, 762)
    assert data.unlabelled is not None
    assert len(data.unlabelled) == 3263
