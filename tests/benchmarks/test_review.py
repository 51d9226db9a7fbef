"""What a review brings: which tweets are measured, and how figures are summed up. Training itself is `fit`'s."""

from pathlib import Path

import numpy as np

from benchmarks.review import Event, Figures, _means, build_parser
from training.data.dataset import SAMPLE
from training.review.picking import Candidates
from worker.cli import app


def test_gains_are_measured_on_tweets_that_nobody_reviewed() -> None:
    """The rest has neither a reviewed tweet nor one that repeats it with another link."""
    texts = ["the dam broke", "RT @ann: the dam broke http://t.co/a", "a banana", "smoke on the water"]
    nothing = np.zeros(4, dtype=np.bool_)
    found = Candidates(np.zeros(4), nothing, None, np.eye(4), duplicates=np.array([0, 0, 1, 2]))
    event = Event("flood", texts, np.array([1, 1, 0, 1]), found)
    assert event.rest(np.array([1])).tolist() == [False, False, True, True]
    assert event.accuracy(np.array([False, False, False, False]), event.rest(np.array([0]))) == 0.5


def test_means_are_of_each_way_and_weight() -> None:
    """Every event counts the same, and ways of picking are not mixed."""
    rows = [
        Figures(event, way, 10, p, p, p, p, p) for event, way, p in (("a", "x", 0.2), ("b", "x", 0.4), ("a", "y", 1))
    ]
    means = _means("mean", rows)
    assert [(one.event, one.picked) for one in means] == [("mean", "x"), ("mean", "y")]
    assert np.allclose([one.before for one in means], [0.3, 1])


def test_another_training_set_is_refused(small_artifact: Path, tmp_path: Path) -> None:
    """Trained on other tweets, before and after would differ by them too."""
    event = tmp_path / "event.csv"
    event.write_text("id,text,target\n1,fire,1\n")
    assert app.main(build_parser(), [str(event), "--artifact", str(small_artifact), "--data", str(SAMPLE)]) == 2
