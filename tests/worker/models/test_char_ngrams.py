"""Hashed character n-grams."""

import doctest
import sys
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
    monkeypatch.setattr(char_ngrams, "_CACHED_BYTES", 3_600)
    ours = CharacterHashing(slots=512)
    for n in range(100):
        text = f"word{n} again and again"
        np.testing.assert_array_equal(ours.transform([text]).toarray(), reference([text]))
        assert 0 < len(ours._known.words) <= 10
        assert held(ours) <= ours._known.bytes <= 3_600


def held(hashing: CharacterHashing) -> int:
    """Return the bytes of the words and the slots in the cache, each array with the memory that it keeps alive."""
    arrays = hashing._known.words.values()
    owners = {id(array if array.base is None else array.base): array for array in arrays}
    slots = sum((array if array.base is None else array.base).nbytes for array in owners.values())
    return slots + sum(map(sys.getsizeof, hashing._known.words))


def test_the_limit_is_of_bytes_not_of_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words of 2,000 characters, which hostile tweets have, do not take a hundred times the memory."""
    monkeypatch.setattr(char_ngrams, "_CACHED_BYTES", 500_000)
    ours = CharacterHashing()
    for n in range(40):
        ours.transform([f"{n:04}" * 500 + f" {m:04}" * 3 for m in range(5)])
        assert held(ours) <= ours._known.bytes <= 500_000
    assert len(ours._known.words) > 5


def test_a_batch_larger_than_the_cache_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words that find no room are hashed for their batch alone, and known words among them stay right."""
    monkeypatch.setattr(char_ngrams, "_CACHED_BYTES", 2_000)
    ours = CharacterHashing(slots=512)
    ours.transform(["word1 word2"])
    texts = [f"word{n} word{n + 1} and" for n in range(50)]
    for _ in range(2):
        np.testing.assert_array_equal(ours.transform(texts).toarray(), reference(texts))
        assert ours._known.bytes <= 2_000


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
