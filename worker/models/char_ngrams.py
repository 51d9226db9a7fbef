"""Runs of characters as features, hashed; what a word gave is remembered."""

from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import HashingVectorizer

_MOST = 50_000  # words; their slots are some 20 MB

Slots = NDArray[np.int32]


class CharacterHashing(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Counts the runs of characters of a text's words, as `HashingVectorizer(analyzer="char_wb")` does.

    Runs do not reach beyond a word, and most words of a stream were there before: each is hashed once, which takes a
    quarter of the time. The words that are remembered are no part of what is trained or saved.

    Args:
        shortest: characters of a run.
        longest: likewise.
        slots: how many columns the runs are hashed into (Weinberger et al. 2009).

    """

    def __init__(self, shortest: int = 3, longest: int = 5, slots: int = 2**18) -> None:
        self.shortest, self.longest, self.slots = shortest, longest, slots

    def fit(self, texts: Sequence[str], targets: object = None) -> Self:  # noqa: ARG002 (scikit-learn's signature)
        """Learn nothing: there is no vocabulary."""
        return self

    def __sklearn_is_fitted__(self) -> bool:
        """Tell that it never has to be fitted."""
        return True

    def __getstate__(self) -> dict[str, Any]:
        """Return what is saved."""
        return {name: value for name, value in super().__getstate__().items() if name != "_known"}

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """Return the counts, shape (n, slots)."""
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
        """Return the slots of all words known, these among them; forget the others now and then."""
        known: dict[str, Slots] = self.__dict__.setdefault("_known", {})
        if len(known) + len(words) > _MOST:
            self._known = known = {}  # not emptied: another thread may be at work on it
        if missing := [word for word in words if word not in known]:
            known.update(zip(missing, self._hashed(missing), strict=True))
        return known

    def _hashed(self, words: Sequence[str]) -> Iterable[Slots]:
        """Return each word's slots, one as often as it was hit."""
        hashed = HashingVectorizer(
            analyzer="char_wb", ngram_range=(self.shortest, self.longest), n_features=self.slots, norm=None,
            alternate_sign=False, lowercase=False,
        ).transform(words)  # fmt: skip
        hits = np.repeat(hashed.indices, hashed.data.astype(np.intp)).astype(np.int32)
        ends = np.cumsum(hashed.sum(axis=1).astype(np.intp))
        return np.split(hits, np.asarray(ends).ravel()[:-1])
