"""Exact and near-duplicates: retweets, the same headline with another link, a template filled in twice. Pure.

Two tweets are near-duplicates if their normalized texts are equal, or if their sets of shingles (runs of four
characters within words) have a Jaccard similarity of at least 0.7 (Broder 1997, "On the resemblance and containment of
documents"). This depends on the two tweets alone, not on the others. Groups are transitive: a chain of near-duplicates
is one group, so its two ends may be less similar than the threshold.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import HashingVectorizer

THRESHOLD = 0.7
_CHUNK = 500  # rows compared with all others in one product: about 30 MB for 7,613 tweets
_DECORATION = re.compile(r"\b(?:https?:|www\.)\S*|@\w+|\x89Û[^\sª]?|åÊ", re.IGNORECASE)
_APOSTROPHES = re.compile(r"\x89Ûª|['’]")
_NO_WORDS = "\0"  # occurs in no normalized text
_PUNCTUATION = re.compile(r"[\W_]+")
_SHINGLES = HashingVectorizer(
    analyzer="char_wb", ngram_range=(4, 4), lowercase=False, binary=True, norm=None, alternate_sign=False
)

Groups = NDArray[np.int64]
"""A group number for each text, shape (n,), from 0 in order of first appearance."""
SparseMatrix: TypeAlias = Any
"""A sparse matrix of scipy, which ships no types."""


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


def near_duplicates(texts: Sequence[str]) -> Groups:
    """Return the groups of near-duplicates."""
    if not len(texts):
        return np.zeros(0, dtype=np.int64)
    codes, keys = pd.factorize(np.array([_key(text) for text in texts], dtype=object))
    pairs = np.array(list(_similar_pairs(_shingles(keys))), dtype=np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(keys), len(keys)))
    return _numbered(connected_components(graph, directed=False)[1][codes])


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
        similarity = _jaccard(_shingles([key]), self._shingles).toarray().ravel()
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


def _similar_pairs(shingles: SparseMatrix) -> Iterator[tuple[int, int]]:
    for start in range(0, shingles.shape[0], _CHUNK):
        similarity = _jaccard(shingles[start : start + _CHUNK], shingles)
        near = similarity.data >= THRESHOLD
        yield from zip(similarity.row[near] + start, similarity.col[near], strict=True)


def _jaccard(left: SparseMatrix, right: SparseMatrix) -> SparseMatrix:
    """Return the similarities of all pairs of rows that share a shingle, in coordinate format."""
    shared = (left @ right.T).tocoo()
    sizes = np.asarray(left.sum(axis=1)).ravel(), np.asarray(right.sum(axis=1)).ravel()
    shared.data = shared.data / (sizes[0][shared.row] + sizes[1][shared.col] - shared.data)
    return shared
