"""Exact and near-duplicates: retweets, the same headline with another link, a template filled in twice. Pure.

Two tweets are near-duplicates if their normalized texts are equal, or if their sets of shingles (runs of four
characters within words) have a Jaccard similarity of at least 0.7 (Broder 1997, "On the resemblance and containment of
documents"). This depends on the two tweets alone, not on the others. Groups are transitive: a chain of near-duplicates
is one group, so its two ends may be less similar than the threshold.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.feature_extraction.text import HashingVectorizer

from training.data.similarity import Advance, SparseMatrix, jaccard, similar_groups

THRESHOLD = 0.7
_DECORATION = re.compile(r"\b(?:https?:|www\.)\S*|@\w+|\x89Û[^\sª]?|åÊ", re.IGNORECASE)
_APOSTROPHES = re.compile(r"\x89Ûª|['’]")
_NO_WORDS = "\0"  # occurs in no normalized text
_PUNCTUATION = re.compile(r"[\W_]+")
_SHINGLES = HashingVectorizer(
    analyzer="char_wb", ngram_range=(4, 4), lowercase=False, binary=True, norm=None, alternate_sign=False
)

Groups = NDArray[np.int64]
"""A group number for each text, shape (n,), from 0 in order of first appearance."""


class Contradiction(NamedTuple):
    """A near-duplicate with the other label."""

    row: int
    """Index into the labelled texts."""
    similarity: float
    """Jaccard similarity of the shingles, 0.7 to 1."""


def normalize(text: str) -> str:
    """Return the words of a tweet in lower case, separated by single spaces.

    Decodes HTML entities (twice: `&amp;gt;` occurs). Removes links, mentions, apostrophes and the remains of wrongly
    decoded punctuation in Kaggle's data. Replaces hash signs and all other punctuation by spaces. Applies Unicode's
    normal form NFKC and folds case.
    """
    text = _APOSTROPHES.sub("", html.unescape(html.unescape(text)))
    text = unicodedata.normalize("NFKC", _DECORATION.sub(" ", text)).casefold()
    return " ".join(_PUNCTUATION.sub(" ", text).split())


def exact_duplicates(texts: Sequence[str]) -> Groups:
    """Return the groups of equal texts."""
    return _numbered(np.array(texts, dtype=object))


def near_duplicates(texts: Sequence[str], advance: Advance = lambda _done: None) -> Groups:
    """Return the groups of near-duplicates; call `advance` with the number of texts done since the last call."""
    if not len(texts):
        return np.zeros(0, dtype=np.int64)
    codes, keys = pd.factorize(np.array([_key(text) for text in texts], dtype=object))
    advance(len(texts) - len(keys))
    return _numbered(similar_groups(_shingles(keys), THRESHOLD, advance)[codes])


def conflicting(groups: Groups, targets: ArrayLike) -> NDArray[np.bool_]:
    """Return for each text whether its group contains both labels, shape (n,).

    Args:
        groups: from `near_duplicates` or `exact_duplicates`, shape (n,).
        targets: 0 or 1, shape (n,).

    """
    size, disasters = np.bincount(groups), np.bincount(groups, weights=np.asarray(targets))
    return np.asarray(((disasters > 0) & (disasters < size))[groups], dtype=np.bool_)


class LabelledTexts:
    """An index of labelled texts for finding near-duplicates of one tweet."""

    def __init__(self, texts: Sequence[str], targets: ArrayLike) -> None:
        """Index the texts, shape (n,), with their targets, 0 or 1, shape (n,)."""
        self._keys = [_key(text) for text in texts]
        self._targets = np.asarray(targets)
        self._shingles = _shingles(self._keys) if self._keys else None

    def contradiction(self, text: str, target: int) -> Contradiction | None:
        """Return the most similar near-duplicate with the other label, if any.

        The tweet itself may be among the texts: its own label does not contradict it.
        """
        if self._shingles is None:
            return None
        key = _key(text)
        similarity = jaccard(_shingles([key]), self._shingles).toarray().ravel()
        similarity[[other == key for other in self._keys]] = 1.0
        similarity[self._targets == target] = 0.0
        best = int(similarity.argmax())
        return Contradiction(best, float(similarity[best])) if similarity[best] >= THRESHOLD else None


def _numbered(values: NDArray[Any]) -> Groups:
    """Return a number for each value, from 0 in order of first appearance."""
    return np.asarray(pd.factorize(values)[0], dtype=np.int64)


def _key(text: str) -> str:
    """Return the normalized text; the marked raw text for a tweet of only links, mentions or punctuation."""
    return normalize(text) or _NO_WORDS + " ".join(text.casefold().split())


def _shingles(keys: Iterable[str]) -> SparseMatrix:
    """Return the sets of shingles as rows; empty for keys without words: two similar links are still two links."""
    return _SHINGLES.transform("" if key.startswith(_NO_WORDS) else key for key in keys)
