"""Counts of words, against scikit-learn's own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from worker.models.word_counts import transform_of

TEXTS = ["Fire in the valley", "my new album", "the valley burns, burns", "a new day", "é̈TÉ 火 fire_1"]
VECTORIZERS: list[CountVectorizer] = [
    TfidfVectorizer(),
    CountVectorizer(),
    CountVectorizer(binary=True),
    TfidfVectorizer(norm="l1", lowercase=False, dtype=np.float32),
    TfidfVectorizer(norm=None),
    TfidfVectorizer(sublinear_tf=True),
    TfidfVectorizer(use_idf=False, norm=None, dtype=np.float32),
    TfidfVectorizer(stop_words="english", strip_accents="unicode"),
    TfidfVectorizer(ngram_range=(1, 2)),
    TfidfVectorizer(analyzer="char"),
]
for each in VECTORIZERS:
    each.fit(TEXTS)
words = st.one_of(st.sampled_from([word for text in TEXTS for word in text.split()]), st.text(max_size=8))
texts = st.lists(st.lists(words, max_size=8).map(" ".join), max_size=6)


@pytest.mark.parametrize("vectorizer", VECTORIZERS, ids=str)
@given(given_texts=texts)
def test_the_numbers_are_scikit_learns(vectorizer: CountVectorizer, given_texts: list[str]) -> None:
    """Each number is the same to the last bit, of whatever texts, so that no label depends on the quick way."""
    some = [*given_texts, *TEXTS]
    ours, theirs = transform_of(vectorizer)(some), vectorizer.transform(some)
    assert ours.dtype == theirs.dtype
    for name in ("indptr", "indices", "data"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))


def test_no_texts_have_no_counts() -> None:
    """An empty batch is an empty matrix, as for scikit-learn's counts."""
    fitted = CountVectorizer().fit(TEXTS)
    assert transform_of(fitted)([]).shape == (0, len(fitted.vocabulary_))
