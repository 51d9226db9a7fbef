"""Hashed character n-grams as features, with a cache of words."""

import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import HashingVectorizer

_CACHED_BYTES = 32 * 2**20  # some 70,000 words of usual length
_WORD_BYTES = 250  # of a word beside its characters and its slots: the objects, and their place in the dictionary

Slots = NDArray[np.int32]


class WordCache:
    """Slots by word, up to a number of bytes; a full cache starts again with the words of the present batch.

    Attributes:
        words: the slots of each word.
        bytes: memory that the words take.

    """

    def __init__(self) -> None:
        self.words: dict[str, Slots] = {}
        self.bytes = 0
        self._lock = threading.Lock()  # of the count; batches are classified side by side

    def add(self, hashed: Mapping[str, Slots]) -> bool:
        """Add words unless they would exceed the limit; return whether they were added."""
        needed = sum(map(_bytes, hashed, hashed.values()))
        with self._lock:
            if self.bytes + needed > _CACHED_BYTES:
                return False
            self.bytes += needed
        self.words.update(hashed)
        return True


def _bytes(word: str, slots: Slots) -> int:
    return sys.getsizeof(word) + slots.nbytes + _WORD_BYTES


class CharacterHashing(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Counts the character n-grams of a text's words, as `HashingVectorizer(analyzer="char_wb")` does.

    An n-gram does not reach beyond its word, and most words of a stream have occurred before. So each word is hashed
    once, which takes a quarter of the time. The cache is neither trained nor saved.

    Args:
        shortest: characters of the shortest n-grams.
        longest: characters of the longest n-grams.
        slots: number of columns that the n-grams are hashed into (Weinberger et al. 2009).

    """

    def __init__(self, shortest: int = 3, longest: int = 5, slots: int = 2**18) -> None:
        self.shortest, self.longest, self.slots = shortest, longest, slots

    def fit(self, texts: Sequence[str], targets: object = None) -> Self:  # noqa: ARG002 (scikit-learn's signature)
        """Return itself: there is no vocabulary to learn."""
        return self

    def __sklearn_is_fitted__(self) -> bool:
        """Return True: it needs no fitting."""
        return True

    def __getstate__(self) -> dict[str, Any]:
        """Return the state to save, without the cache."""
        return {name: value for name, value in super().__getstate__().items() if name != "_known"}

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """Return the counts, shape (n, slots).

        `fire` is padded with a space on each side, so its 3-grams are " fi", "fir", "ire" and "re ". A hash maps each
        to a slot: here to 7, 0, 6 and 2. Those of `forest` are six, of which two share slot 3 and two slot 6. The
        counts of a text are the sum of the counts of its words, whatever their case:

        >>> hashing = CharacterHashing(shortest=3, longest=3, slots=8)
        >>> hashing.transform(["fire", "forest", "Forest fire"]).toarray().astype(int)
        array([[1, 0, 1, 0, 0, 0, 1, 1],
               [0, 1, 0, 2, 0, 1, 2, 0],
               [1, 1, 1, 2, 0, 1, 3, 1]])
        """
        words = [text.lower().split() for text in texts]
        known = self._with({word for of_text in words for word in of_text})
        found = [known[word] for of_text in words for word in of_text]
        begins = np.cumsum([0, *map(len, found)], dtype=np.int32)
        rows = begins[np.cumsum([0, *map(len, words)])]
        slots = np.concatenate([np.empty(0, np.int32), *found])
        counts = csr_matrix((np.ones(len(slots)), slots, rows), shape=(len(texts), self.slots))
        counts.sum_duplicates()
        return counts

    def _with(self, words: set[str]) -> dict[str, Slots]:
        """Return the slots of at least these words; a full cache is replaced."""
        cache: WordCache = self.__dict__.setdefault("_known", WordCache())
        known = cache.words
        missing = [word for word in words if word not in known]
        if not missing:
            return known
        hashed = dict(zip(missing, self._hashed(missing), strict=True))
        if cache.add(hashed):
            return known
        present = hashed | {word: known[word].copy() for word in words - hashed.keys()}
        self._known = fresh = WordCache()  # a new one, because another thread may still read the old one
        fresh.add(present)
        return present

    def _hashed(self, words: Sequence[str]) -> Iterable[Slots]:
        """Return the slots of each word's n-grams; a slot appears as often as it is hit."""
        hashed = HashingVectorizer(
            analyzer="char_wb", ngram_range=(self.shortest, self.longest), n_features=self.slots, norm=None,
            alternate_sign=False, lowercase=False,
        ).transform(words)  # fmt: skip
        hits = np.repeat(hashed.indices, hashed.data.astype(np.intp)).astype(np.int32)
        ends = np.cumsum(hashed.sum(axis=1).astype(np.intp))
        return np.split(hits, np.asarray(ends).ravel()[:-1])
