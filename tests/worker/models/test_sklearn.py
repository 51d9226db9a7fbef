"""Classifiers of scikit-learn, as the worker reads them."""

from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline, make_pipeline

from worker.models.sklearn import load_sklearn
from worker.types import Classifier, KnowsWords

TEXTS = ["fire in the valley", "my new album", "the valley burns", "a new day"]


def reloaded(folder: Path, pipeline: Pipeline) -> Classifier:
    """Return a pipeline, fitted, written and read."""
    skops.io.dump(pipeline.fit(TEXTS, [1, 0, 1, 0]), folder / "model.skops")
    return load_sklearn({"model": folder / "model.skops"})


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("fire in the valley", 1.0),
        ("fire in the garden", 0.75),
        ("fuego en el valle", 0.0),
        ("", 0.0),
        ("fire,valley", 1.0),
        ("FIRE fire fire fire", 0.25),
    ],
)
def test_a_classifier_of_words_says_how_many_it_knows(tmp_path: Path, text: str, known: float) -> None:
    """The share is that of a text's words, by spaces, that the vocabulary has; a word counts once, at most all do."""
    pipeline = make_pipeline(TfidfVectorizer(), MultinomialNB())
    reader = reloaded(tmp_path, pipeline)
    assert isinstance(reader, KnowsWords)
    p, shares = reader.predict_known([text, "fire"])
    assert shares.tolist() == [known, 1.0]
    assert np.array_equal(p, pipeline.predict_proba([text, "fire"]))
    assert np.array_equal(p, reader.predict_proba([text, "fire"]))
    assert reader.classes_.tolist() == [0, 1]


@pytest.mark.parametrize(
    "vectorizer", [HashingVectorizer(), TfidfVectorizer(analyzer="char"), TfidfVectorizer(ngram_range=(1, 2))]
)
def test_others_cannot_say(tmp_path: Path, vectorizer: object) -> None:
    """Hashed words, characters and pairs of words are not known words; such a stage has one segment."""
    assert not isinstance(reloaded(tmp_path, make_pipeline(vectorizer, LogisticRegression())), KnowsWords)
