"""Hashed character n-grams as features, with a cache of words."""

from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import HashingVectorizer

_CACHED_WORDS = 50_000  # some 20 MB of slots

Slots = NDArray[np.int32]


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
        """Return the cache with these words in it; a full cache is replaced."""
        known: dict[str, Slots] = self.__dict__.setdefault("_known", {})
        if len(known) + len(words) > _CACHED_WORDS:
            self._known = known = {}  # a new one, because another thread may still read the old one
        if missing := [word for word in words if word not in known]:
            known.update(zip(missing, self._hashed(missing), strict=True))
        return known

    def _hashed(self, words: Sequence[str]) -> Iterable[Slots]:
        """Return the slots of each word's n-grams; a slot stands as often as it is hit."""
        hashed = HashingVectorizer(
            analyzer="char_wb", ngram_range=(self.shortest, self.longest), n_features=self.slots, norm=None,
            alternate_sign=False, lowercase=False,
        ).transform(words)  # fmt: skip
        hits = np.repeat(hashed.indices, hashed.data.astype(np.intp)).astype(np.int32)
        ends = np.cumsum(hashed.sum(axis=1).astype(np.intp))
        return np.split(hits, np.asarray(ends).ravel()[:-1])
