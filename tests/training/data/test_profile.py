"""The profile of a data set is correct and shown safely."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.commands.running import run
from training.data.dataset import SAMPLE, load_dataset
from training.data.profile import explore, sample
from training.data.words import count_words, log_odds_z

ROWS = [
    ("flood in town", 1, "body%20bags", "Rome"),
    ("Flood in town http://t.co/a", 0, "body%20bags", " "),
    ("Flood in town http://t.co/a", 1, "", "Rome"),
    ("my banana", 0, "fire", None),
]


def labelled() -> pd.DataFrame:
    """Return four tweets with conflicting labels and missing values."""
    frame = pd.DataFrame(ROWS, columns=["text", "target", "keyword", "location"])
    return frame.assign(id=["1", "2", "3", "4"])


def test_the_facts_are_counted() -> None:
    """Each figure equals the one counted by hand."""
    done: list[int] = []
    facts = explore(labelled(), advance=done.append)
    assert sum(done) == 4, "the progress bar reaches its end"
    assert (facts.tweets, facts.disasters) == (4, 2)
    assert (facts.words.mean, facts.words.longest) == (3.25, 4)
    assert facts.words.histogram == {"disaster": [0, 0, 0, 1, 1], "not_disaster": [0, 0, 1, 0, 1]}
    exact, near = facts.exact_duplicates, facts.near_duplicates
    assert (exact.groups, exact.tweets, exact.conflicting_groups, exact.conflicting_tweets) == (1, 2, 1, 2)
    assert (near.groups, near.tweets, near.conflicting_groups, near.conflicting_tweets) == (1, 3, 1, 3)
    assert facts.missing == {"text": 0, "target": 0, "keyword": 1, "location": 2, "id": 0}
    assert [(v.value, v.tweets, v.disaster_share) for v in facts.values["keyword"]] == [
        ("body bags", 2, 0.5),
        ("fire", 1, 0.0),
    ]
    assert [(w.word, w.disaster, w.not_disaster) for w in facts.frequent_words[:3]] == [
        ("flood", 2, 1),
        ("in", 2, 1),
        ("town", 2, 1),
    ]
    assert "in" not in {word.word for word in facts.frequent_content_words}
    assert {word.word for word in facts.telling_words["not_disaster"]} == {"banana", "my"}


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)).filter(any), min_size=2))
def test_log_odds_are_fair_to_both_classes(counts: list[tuple[int, int]]) -> None:
    """Swapping the classes flips the sign of each score, and every score is finite."""
    disaster, other = (np.array(column) for column in zip(*counts, strict=True))
    scores = log_odds_z(disaster, other)
    assert np.isfinite(scores).all()
    np.testing.assert_allclose(scores, -log_odds_z(other, disaster), atol=1e-9)


def test_a_word_counts_once_per_tweet_and_links_do_not_count() -> None:
    """A word counts once per tweet, and links and mentions do not count."""
    words = count_words(["fire FIRE fire http://t.co/a @bob"], np.array([1]))
    assert [(word.word, word.disaster, word.not_disaster) for word in words] == [("fire", 1, 0)]
    assert count_words(["http://t.co/a"], np.array([1])) == []


def test_a_sample_is_seeded_and_never_too_large() -> None:
    """The same seed draws the same tweets, and a sample never exceeds the data."""
    frame = load_dataset(SAMPLE).labelled
    assert list(sample(frame, 5, 7)["id"]) == list(sample(frame, 5, 7)["id"])
    assert list(sample(frame, 5, 7)["id"]) != list(sample(frame, 5, 8)["id"])
    assert len(sample(labelled(), 99, 1)) == 4


def write(folder: Path, *rows: str) -> Path:
    """Write a train.csv with these rows."""
    folder.mkdir(exist_ok=True)
    (folder / "train.csv").write_text("id,keyword,location,text,target\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return folder


def test_hostile_tweets_are_shown_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Markup, formulas and escape sequences in tweets are shown, not interpreted, and pictures stay well-formed XML."""
    data = write(
        tmp_path / "data",
        *(f"{i},$x^<b>&[red]\x01,東京,[bold]fire[/nope] \x1b]0;own\x07 東京 {i},{i % 2}" for i in range(12)),
        *(f"9{i},other%20$,here,banana number {i},0" for i in range(10)),
    )
    code, out, err = run(capsys, "explore", "--data", str(data), "--out", str(tmp_path / "out"), "--sample", "22")
    assert (code, "Warning" in err) == (0, False)
    assert "[bold]fire[/nope] \\x1b]0;own\\x07" in " ".join(out.split())
    assert "\x1b]" not in out
    for picture in (tmp_path / "out").glob("*.svg"):
        ET.parse(picture)  # noqa: S314 (our own file)
    assert "$x^&lt;b&gt;&amp;[red]\\x01" in (tmp_path / "out" / "keywords.svg").read_text(encoding="utf-8")


def test_out_has_pictures_and_facts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--out writes the facts and pictures, and removes pictures that only other data has."""
    (tmp_path / "keywords.svg").write_text("of other data")
    code, out, _ = run(capsys, "explore", "--data", str(SAMPLE), "--out", str(tmp_path), "--sample", "3")
    assert code == 0
    facts = json.loads((tmp_path / "facts.json").read_text(encoding="utf-8"))
    assert (facts["tweets"], len(facts["sample"])) == (820, 3)
    assert all(tweet["id"] in out for tweet in facts["sample"])
    pictures = {path.stem for path in tmp_path.glob("*.svg")}
    assert pictures == {
        "classes", "words-per-tweet", "characters-per-tweet", "duplicates", "missing", "frequent-words",
        "telling-words",
    }  # fmt: skip
    for path in tmp_path.glob("*.svg"):
        text = path.read_text(encoding="utf-8")
        assert "<text" in text
        assert "#010203" not in text, "ink is the page's colour"
        assert "#000000" not in text, "black is not seen on a dark page"


def test_labelled_files_are_explored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Others' files need no folder and no train.csv; a file that is read in another encoding is said to be."""
    (tmp_path / "a.csv").write_bytes("text;label\nincendie à Montréal;on-topic\nthé glacé;off-topic\n".encode("cp1252"))
    (tmp_path / "b.jsonl").write_text('{"text": "flood", "label": "Relevant"}\n')
    code, out, err = run(capsys, "explore", "--data", str(tmp_path / "a.csv"), str(tmp_path / "b.jsonl"))
    assert (code, "3 labelled tweets" in out, "incendie à Montréal" in out) == (0, True, True)
    assert "your own tweets (3 labelled, 2 files)" in err
    assert "a.csv is not UTF-8, read as cp1252" in err


@pytest.mark.parametrize("option", ["--sample -1", "--sample few", "--seed 4294967296"])
def test_an_invalid_number_is_reported(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An invalid --sample or --seed ends in a usage error, not in a traceback."""
    with pytest.raises(SystemExit) as ended:
        run(capsys, "explore", *option.split())
    assert ended.value.code == 2
    assert "whole number" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The error names the flag and the folder."""
    (tmp_path / "file").touch()
    code, _, err = run(capsys, "explore", "--data", str(SAMPLE), "--out", str(tmp_path / "file"))
    assert code == 2
    assert "--out: cannot write into" in err


def test_kaggles_tweets_have_15_words_on_average(kaggle: Path) -> None:
    """The profile of Kaggle's data matches the course, which sets its sequence length by the mean number of words."""
    facts = explore(load_dataset(kaggle).labelled)
    assert round(facts.words.mean) == 15
    assert [word.word for word in facts.frequent_words[:3]] == ["the", "a", "in"]
    assert (facts.missing["keyword"], facts.missing["location"]) == (61, 2534)
