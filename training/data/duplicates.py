"""Tweets that say the same: retweets, the same headline with another link, one template filled in twice. Pure.

Two tweets are near-duplicates if their normalised texts are equal, or if the sets of their shingles (the runs of four
characters within words) have a Jaccard similarity of at least 0.7 (Broder 1997, "On the resemblance and containment of
documents"). Whether two tweets are depends on these two alone, not on the other tweets. Groups are transitive: a chain
of near-duplicates is one group, so its two ends may be less alike than the threshold.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import HashingVectorizer

THRESHOLD = 0.7
_CHUNK = 500  # rows compared with all others at once: some 30 MB for 7,613 tweets
_NOT_SAID = re.compile(r"\b(?:https?:|www\.)\S*|@\w+|\x89Û[^\sª]?|åÊ", re.IGNORECASE)
_APOSTROPHES = re.compile(r"\x89Ûª|['’]")
_NO_WORDS = "\0"  # in no normalised text
_PUNCTUATION = re.compile(r"[\W_]+")
_SHINGLES = HashingVectorizer(
    analyzer="char_wb", ngram_range=(4, 4), lowercase=False, binary=True, norm=None, alternate_sign=False
)

Groups = NDArray[np.int64]


class Contradiction(NamedTuple):
    """A near-duplicate that has the other label."""

    row: int
    """Its place among the labelled texts, from 0."""
    similarity: float
    """Of the shingles, from 0.7 to 1."""


def normalise(text: str) -> str:
    """Return what a tweet says: words in lower case with single spaces between them.

    HTML entities are decoded (twice: `&amp;gt;` occurs); links, mentions, and what is left in Kaggle's data of wrongly
    decoded punctuation go; so do apostrophes; hash signs and all other punctuation are spaces. Unicode is in its
    normal form NFKC, case is folded.
    """
    text = _APOSTROPHES.sub("", html.unescape(html.unescape(text)))
    text = unicodedata.normalize("NFKC", _NOT_SAID.sub(" ", text)).casefold()
    return " ".join(_PUNCTUATION.sub(" ", text).split())


def exact_duplicates(texts: Sequence[str]) -> Groups:
    """Return a group's number for each text, shape (n,), from 0 in order of appearance; equal texts share a group."""
    return _numbered(np.array(texts, dtype=object))


def near_duplicates(texts: Sequence[str]) -> Groups:
    """Return a group's number for each text, shape (n,), from 0 in order of appearance; near-duplicates share one."""
    if not len(texts):
        return np.zeros(0, dtype=np.int64)
    codes, keys = pd.factorize(np.array([_key(text) for text in texts], dtype=object))
    pairs = np.array(list(_similar_pairs(_shingles(keys))), dtype=np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(keys), len(keys)))
    return _numbered(connected_components(graph, directed=False)[1][codes])


def conflicting(groups: Groups, targets: ArrayLike) -> NDArray[np.bool_]:
    """Tell for each member of a group whether the group holds both labels.

    Args:
        groups: of `near_duplicates` or `exact_duplicates`, shape (n,).
        targets: 0 or 1, shape (n,).

    """
    size, disasters = np.bincount(groups), np.bincount(groups, weights=np.asarray(targets))
    return np.asarray(((disasters > 0) & (disasters < size))[groups], dtype=np.bool_)


class LabelledTexts:
    """Labelled texts, to look near-duplicates of one tweet up in."""

    def __init__(self, texts: Sequence[str], targets: ArrayLike) -> None:
        """Prepare the texts; targets are 0 or 1, shape (n,)."""
        self._keys = [_key(text) for text in texts]
        self._targets = np.asarray(targets)
        self._shingles = _shingles(self._keys) if self._keys else None

    def contradiction(self, text: str, target: int) -> Contradiction | None:
        """Return the most similar near-duplicate whose label is not the target; None where there is none.

        The tweet may be among the texts: its own label does not contradict it.
        """
        if self._shingles is None:
            return None
        key = _key(text)
        alike = _jaccard(_shingles([key]), self._shingles).toarray().ravel()
        alike[[other == key for other in self._keys]] = 1.0
        alike[self._targets == target] = 0.0
        best = int(alike.argmax())
        return Contradiction(best, float(alike[best])) if alike[best] >= THRESHOLD else None


def _numbered(values: NDArray[Any]) -> Groups:
    """Return a number for each value, from 0 in order of appearance."""
    return np.asarray(pd.factorize(values)[0], dtype=np.int64)


def _key(text: str) -> str:
    """Return the normalised text; of a tweet that is but links, mentions or signs, these, marked as no words."""
    return normalise(text) or _NO_WORDS + " ".join(text.casefold().split())


def _shingles(keys: Iterable[str]) -> Any:  # noqa: ANN401 (scipy ships no types)
    """Return the shingles of words: two links with much in common are still two links."""
    return _SHINGLES.transform("" if key.startswith(_NO_WORDS) else key for key in keys)


def _similar_pairs(shingles: Any) -> Iterator[tuple[int, int]]:  # noqa: ANN401 (scipy ships no types)
    for start in range(0, shingles.shape[0], _CHUNK):
        alike = _jaccard(shingles[start : start + _CHUNK], shingles)
        near = alike.data >= THRESHOLD
        yield from zip(alike.row[near] + start, alike.col[near], strict=True)


def _jaccard(left: Any, right: Any) -> Any:  # noqa: ANN401 (scipy ships no types)
    """Return the similarities of all rows that share a shingle, as a sparse matrix in coordinates."""
    shared = (left @ right.T).tocoo()
    sizes = np.asarray(left.sum(axis=1)).ravel(), np.asarray(right.sum(axis=1)).ravel()
    shared.data = shared.data / (sizes[0][shared.row] + sizes[1][shared.col] - shared.data)
    return shared
