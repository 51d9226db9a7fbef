"""Hashed character n-grams."""

import doctest
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import skops.io
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.feature_extraction.text import HashingVectorizer

from worker.models import char_ngrams
from worker.models.char_ngrams import CharacterHashing

TEXTS = ["Forest fire near La Ronge", "fire fire FIRE", "", "a", "ab cd", "ß İstanbul \N{FIRE} é"]


def reference(texts: list[str]) -> np.ndarray:
    """Return the counts of scikit-learn's own vectorizer."""
    theirs = HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5), n_features=512, norm=None, alternate_sign=False)
    return np.asarray(theirs.transform(texts).toarray())


@given(st.lists(st.text(max_size=40), max_size=5))
def test_counts_equal_scikit_learns(texts: list[str]) -> None:
    """The counts are those of HashingVectorizer, whatever is in the cache."""
    ours = CharacterHashing(slots=512)
    ours.transform(TEXTS)
    for _ in range(2):
        np.testing.assert_array_equal(ours.transform([*texts, *TEXTS]).toarray(), reference([*texts, *TEXTS]))


def test_the_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache stays within its limit though a stream never runs out of new words, links above all."""
    monkeypatch.setattr(char_ngrams, "_CACHED_WORDS", 10)
    ours = CharacterHashing(slots=512)
    for n in range(100):
        text = f"word{n} again and again"
        np.testing.assert_array_equal(ours.transform([text]).toarray(), reference([text]))
        assert len(ours._known) <= 10


def test_threads_can_share_the_cache() -> None:
    """Batches that are classified in parallel get the right counts."""
    ours, texts = CharacterHashing(slots=512), [[f"w{n * m}" for n in range(40)] for m in range(200)]
    with ThreadPoolExecutor(4) as pool:
        for text, counts in zip(texts, pool.map(ours.transform, texts), strict=True):
            np.testing.assert_array_equal(counts.toarray(), reference(text))


def test_the_cache_is_not_saved() -> None:
    """An artifact does not depend on which tweets were transformed during training."""
    fresh, used = CharacterHashing(slots=512), CharacterHashing(slots=512)
    used.transform(TEXTS)
    ours = ["worker.models.char_ngrams.CharacterHashing"]
    again = skops.io.loads(skops.io.dumps(used), trusted=ours)
    assert vars(again) == vars(fresh) == vars(clone(used))


def test_the_worked_example_is_right() -> None:
    """The counts in the docstring of `transform` are the code's own."""
    assert doctest.testmod(char_ngrams) == (0, 2)
