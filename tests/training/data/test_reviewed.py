"""Reviewed tweets: trained on, and never measured."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.training.cascade.test_out_of_fold import Parrot
from tests.training.review.sheets import new_sheet
from training.cascade.folds import split_folds
from training.cascade.out_of_fold import predict_out_of_fold
from training.data.dataset import Split, targets_of, texts_of
from training.data.label_columns import LabelSettings
from training.data.labelled_files import read_labelled_files
from training.data.reviewed import (
    Reviewed,
    fingerprint,
    read_fingerprints,
    read_reviewed,
    without_reviewed,
    write_fingerprints,
)
from training.models import TrainableClassifier
from worker.errors import DataError


def frame(*texts: str, event: str = "", target: int = 1) -> pd.DataFrame:
    """Return labelled tweets of an event."""
    return pd.DataFrame({"id": texts, "text": texts, "target": target, "event": event})


def tweet(n: int) -> str:
    """Return a text that is a near-duplicate of no other."""
    return f"{'abcdefghij'[n % 10] * 9} {'klmnopqrst'[n // 10 % 10] * 9} {n}{n}{n}{n}{n}"


@pytest.fixture
def parts() -> Split:
    """Return 40 training tweets of four events, and 10 held-out ones."""
    train = pd.concat([frame(*(tweet(10 * e + n) for n in range(10)), event=f"event {e}") for e in range(4)])
    return Split(train.assign(target=[0, 1] * 20).reset_index(drop=True), frame(*(tweet(n) for n in range(40, 50))))


def test_no_reviewed_tweet_is_trained_on_where_a_near_duplicate_is_measured(parts: Split) -> None:
    """A model that remembers everything gains nothing by reviewing the very tweets that it is measured on."""
    texts, targets = texts_of(parts.train), targets_of(parts.train)
    copies = pd.DataFrame({"id": "", "text": [f"RT @me {text} http://t.co/x" for text in texts], "target": targets})
    same = pd.DataFrame({"id": "", "text": texts, "target": targets})
    for reviewed in (copies, same):
        among = Reviewed(reviewed, weight=3).among(parts, "event")
        build: type[TrainableClassifier] = Parrot
        for beside, groups in ((among.beside, None), (among.beside_groups, np.repeat(np.arange(4), 10))):
            folds = split_folds(targets, 1, groups)
            assert (predict_out_of_fold(build, texts, targets, folds, beside=beside) == 0.5).all()
            assert all(len(beside(tested).texts) == 3 * (40 - len(tested)) for _, tested in folds)


def test_other_reviewed_tweets_are_in_every_fold(parts: Split) -> None:
    """They are trained on as often as they weigh, and they are not among the predictions."""
    among = Reviewed(frame("smoke on the water", "fire in the sky"), weight=4).among(parts, "event")
    assert among.beside(np.arange(40)).texts == ["smoke on the water", "fire in the sky"] * 4
    assert among.all().targets.tolist() == [1] * 8


def test_unseen_groups_stay_unseen(parts: Split) -> None:
    """A reviewed tweet of an event is not trained on where that event is predicted as one that nothing was seen of."""
    reviewed = pd.concat([frame("bridge gone", event="event 0"), frame("mill burns", event="new")])
    among = Reviewed(reviewed, weight=1).among(parts, "event")
    of_first, of_last = np.arange(10), np.arange(30, 40)
    assert among.beside_groups(of_first).texts == ["mill burns"]
    assert among.beside_groups(of_last).texts == ["bridge gone", "mill burns"]
    assert among.beside(of_first).texts == ["bridge gone", "mill burns"]
    without_column = Reviewed(reviewed.drop(columns="event"), weight=1).among(parts, "event")
    assert without_column.beside_groups(of_first).texts == ["bridge gone", "mill burns"]


def test_held_out_tweets_are_not_trained_on(parts: Split) -> None:
    """A reviewed tweet that repeats a held-out one is left out altogether."""
    held_out = texts_of(parts.held_out)[3]
    among = Reviewed(frame(f"RT @me {held_out}", "mill burns"), weight=2).among(parts, "near-duplicates")
    assert among.all().texts == ["mill burns", "mill burns"]


def test_a_review_is_read_as_far_as_it_is(tmp_path: Path) -> None:
    """Rows without a label and skipped ones are left out; a review without labels, and a label unknown, are refused."""
    sheet = new_sheet(tmp_path / "review.csv", "a", "b", "c", "d", labels=["disaster", "skip", "not_disaster"])
    sheet.save()
    found = read_reviewed([sheet.path], weight=2)
    assert found is not None
    assert found.tweets[["text", "target"]].to_numpy().tolist() == [["a", 1], ["c", 0]]
    assert "1 rows are left out, whose label means neither: 'skip' (1)" in found.remarks[0]
    assert read_reviewed([]) is None
    for labels, message in (([], "no tweet of this review has a label yet"), (["perhaps"], "line 2.*'perhaps'")):
        new_sheet(sheet.path, "a", labels=labels).save()
        with pytest.raises(DataError, match=message):
            read_reviewed([sheet.path])


def test_evaluation_leaves_reviewed_tweets_out(tmp_path: Path) -> None:
    """Also where they come again with another link; what is left keeps its labels and columns."""
    write_fingerprints(tmp_path, frame("the dam broke http://t.co/a"))
    assert read_fingerprints(tmp_path) == {fingerprint("The DAM @ann broke! http://t.co/b")}
    path = tmp_path / "mine.csv"
    path.write_text("id,text,target,lang\n1,The dam broke! http://t.co/b,1,en\n2,a banana,0,it\n")
    files = read_labelled_files([path], LabelSettings())
    kept, said = without_reviewed(files, [tmp_path])
    assert (kept[0].texts, kept[0].targets.tolist(), kept[0].column("lang", "--by")) == (["a banana"], [0], ["it"])
    assert said == ["1 tweets are left out: an artifact was trained on them, after a review"]
    assert without_reviewed(files, [tmp_path / "none"]) == (files, [])
    path.write_text("id,text,target\n1,The dam broke,1\n")
    with pytest.raises(DataError, match="was trained on all of these tweets, after a review"):
        without_reviewed(read_labelled_files([path], LabelSettings()), [tmp_path])


def test_the_artifact_does_not_hold_the_texts(tmp_path: Path) -> None:
    """Whoever gets the artifact cannot read the reviewed tweets in it."""
    write_fingerprints(tmp_path, frame("the dam broke"))
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"dam" not in content
