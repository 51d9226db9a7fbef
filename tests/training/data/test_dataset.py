"""Finding, loading, validating and splitting the tweets."""

from pathlib import Path

import pandas as pd
import pytest

from training.data.dataset import SAMPLE, find_dataset, load_dataset, read_tweets, split
from worker.errors import DataError


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
        ("id,tweet,target\n1,a,1\n", "has no column text; it has id, tweet, target"),
        ("text\na\n", "no column id and no column target"),
        ("id,text,target\n", "has no rows"),
        ("", "cannot read"),
        ("id,text,target\n7,,1\n", r"row 1 \(id 7\) has no text"),
        ("id,text,target\n1,a,2\n", "0 or 1, not"),
        ("id,text,target\n1,a,yes\n", "0 or 1, not"),
    ],
)
def test_an_invalid_file_is_reported(content: str, message: str, tmp_path: Path) -> None:
    """The error names the file and what is wrong with it, before anything is trained."""
    path = tmp_path / "train.csv"
    path.write_text(content)
    with pytest.raises(DataError, match=message):
        read_tweets(path, labelled=True)


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
