"""Tweets to pick from: files, and labels with texts."""

import json
from pathlib import Path

import pytest

from training.data.label_columns import LabelSettings
from training.review.sources import StreamTweet, read_files, read_values
from worker.errors import DataError


def label(id_: int | str, **changes: object) -> str:
    """Return a label as the worker writes it with --copy-field text,lang."""
    value = {
        "id": id_, "label": "disaster", "target": 1, "probability": 0.88, "stage": "use_svm", "shed": False,
        "model_version": "v1", "received_at": None, "labelled_at": "2026-01-02T03:04:05Z",
        "input": {"text": f"flood {id_}", "lang": None, "event": "storm"},
    }  # fmt: skip
    return json.dumps(value | changes)


def test_labels_bring_their_probability_and_stage(tmp_path: Path) -> None:
    """The labelled topic as a file, and as records, gives the same tweets; nothing is labelled again."""
    path = tmp_path / "labels.jsonl"
    path.write_text(label(7) + "\n" + label("a", probability=0.1) + "\n")
    found = read_files([path], LabelSettings())
    assert found.rows == [
        StreamTweet("7", "flood 7", {"event": "storm"}, 0.88, "use_svm", (1, "disaster")),
        StreamTweet("a", "flood a", {"event": "storm"}, 0.1, "use_svm", (1, "disaster")),
    ]
    assert found.published is not None
    assert found.published.stages == ["use_svm", "use_svm"]
    records = read_values([label(7).encode(), label("a", probability=0.1).encode()], "tweets.labelled")
    assert (records.rows, records.remarks) == (found.rows, [])


def test_files_of_tweets_have_no_labels(tmp_path: Path) -> None:
    """Any file of tweets will do, several at once with their names as the group; beside labels, all are labelled."""
    for name, content in (("a.csv", "id,text,keyword\n1,fire,f\n"), ("b.jsonl", '{"id": 2, "text": "flood"}\n')):
        (tmp_path / name).write_text(content)
    found = read_files([tmp_path / "a.csv", tmp_path / "b.jsonl"], LabelSettings())
    assert found.rows == [
        StreamTweet("1", "fire", {"keyword": "f", "file": "a.csv"}),
        StreamTweet("2", "flood", {"file": "b.jsonl"}),
    ]
    assert (found.published, found.group_columns) == (None, ("file", "keyword"))
    (tmp_path / "labels.jsonl").write_text(label(3))
    assert read_files([tmp_path / "a.csv", tmp_path / "labels.jsonl"], LabelSettings()).published is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (label(1, input={"lang": "en"}), "line 1: the labels have no text: run the worker with --copy-field text"),
        (label(1) + "\n{}", "line 2: the entry is not a label"),
        (label(1, probability="high"), "line 1: the label's probability is 'high', not a number from 0 to 1"),
        (label(1, probability=7), "line 1: the label's probability is 7"),
        (label(1, input={"text": "  "}), "line 1: the row has no text"),
    ],
)
def test_what_is_wrong_with_a_label_is_named(content: str, message: str, tmp_path: Path) -> None:
    """A file that is not what it seems is refused with the line; --on-bad-row skip counts the others."""
    path = tmp_path / "labels.jsonl"
    path.write_text(content)
    with pytest.raises(DataError, match=message):
        read_files([path], LabelSettings())
    path.write_text(label(1) + "\n\n[]\n{}\n" + label(2))
    skipped = read_files([path], LabelSettings(on_bad_row="skip"))
    assert len(skipped.rows) == 2
    assert "1 bad rows are left out" in skipped.remarks[0]


def test_records_that_are_not_labels_are_counted() -> None:
    """A topic may hold others' records; one without any label is the wrong one, and labels need a text."""
    found = read_values([label(1).encode(), None, b"\xff", b"{}"], "labels")
    assert (len(found.rows), found.remarks) == (1, ["labels: 3 records are left out, which are not labels"])
    with pytest.raises(DataError, match="tweets has no labels: is it the topic that the worker writes to"):
        read_values([b'{"id": 1, "text": "fire"}'], "tweets")
    with pytest.raises(DataError, match="labels: the labels have no text"):
        read_values([label(1, input={}).encode()], "labels")
