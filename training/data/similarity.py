"""Groups of similar sets, without comparing each set with all others. Pure.

Two sets with a Jaccard similarity of at least t share one of their rarest elements: of the |x| elements of the larger
set, rarest first, one of the first |x| - t|x| + 1, and of the smaller set y one of the first |y| - 2t/(1 + t)|y| + 1.
Only these prefixes are compared. The number of elements that they share bounds the similarity, so that few pairs are
left to compare in full (prefix filter: Bayardo et al. 2007, "Scaling Up All Pairs Similarity Search"; the bound: Xiao
et al. 2008, "Efficient Similarity Joins for Near Duplicate Detection"). The result is exact.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

SparseMatrix: TypeAlias = Any
"""A sparse matrix of scipy, which ships no types."""
Pairs = NDArray[np.int64]
"""Indices of two rows each, shape (pairs, 2)."""
Components = NDArray[np.int64]
"""The number of each row's component, shape (n,)."""
Advance = Callable[[int], None]
"""Called with the number of rows done since the last call."""

_CHUNK = 1000  # rows whose prefixes are compared in one product
_COMPARED = 100_000  # pairs that are compared in full at once
_ROUNDING = 1e-9


def similar_groups(sets: SparseMatrix, threshold: float, advance: Advance = lambda _done: None) -> Components:
    """Return the connected components of all pairs of rows whose Jaccard similarity is at least the threshold.

    Args:
        sets: ones in CSR format, shape (n, elements): a row is a set.
        threshold: above 0, at most 1.
        advance: called as rows are done; n in total.

    Returns:
        the number of each row's component, shape (n,).

    """
    order = np.argsort(np.diff(sets.indptr), kind="stable")
    rows, components = _sorted_by_rarity(sets[order]), np.arange(len(order))
    for start in range(0, len(order), _CHUNK):
        stop = min(start + _CHUNK, len(order))
        components = _joined(rows, components, _candidates(rows, start, stop, threshold), threshold)
        advance(stop - start)
    return components[np.argsort(order)]


def jaccard(left: SparseMatrix, right: SparseMatrix) -> SparseMatrix:
    """Return the similarities of all pairs of rows that share an element, in coordinate format."""
    shared = (left @ right.T).tocoo()
    sizes = np.asarray(left.sum(axis=1)).ravel(), np.asarray(right.sum(axis=1)).ravel()
    shared.data = shared.data / (sizes[0][shared.row] + sizes[1][shared.col] - shared.data)
    return shared


@dataclass(frozen=True)
class _Rows:
    """Sets by size, the smallest first; the elements of each by rarity, the rarest first."""

    sets: SparseMatrix
    """Column numbers are ranks: a rarer element has a lower one."""

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """Return the number of elements of each set, shape (n,)."""
        return np.asarray(np.diff(self.sets.indptr), dtype=np.int64)

    def prefixes(self, start: int, stop: int, overlap: float) -> tuple[SparseMatrix, NDArray[np.int64]]:
        """Return the rarest elements of some rows, one of which any set shares that has `overlap` of a row's elements.

        Args:
            start: the first row.
            stop: the row after the last.
            overlap: share of a row's elements.

        Returns:
            the prefixes as rows, and their sizes, shape (stop - start,).

        """
        part, sizes = self.sets[start:stop], self.sizes[start:stop]
        kept = np.minimum(sizes, sizes - np.ceil(overlap * sizes - _ROUNDING).astype(np.int64) + 1)
        place = np.arange(part.nnz) - np.repeat(part.indptr[:-1], sizes)
        inside = place < np.repeat(kept, sizes)
        bounds = np.concatenate([[0], np.cumsum(kept)])
        return csr_array((part.data[inside], part.indices[inside], bounds), shape=part.shape), kept


def _sorted_by_rarity(sets: SparseMatrix) -> _Rows:
    """Renumber the elements by their number of sets, and sort each row by the new numbers."""
    frequency = np.bincount(sets.indices, minlength=sets.shape[1])
    rank = np.empty(sets.shape[1], dtype=np.int64)
    rank[np.argsort(frequency, kind="stable")] = np.arange(sets.shape[1])
    renumbered = csr_array((np.ones(sets.nnz, np.int32), rank[sets.indices], sets.indptr), shape=sets.shape)
    renumbered.sort_indices()
    return _Rows(renumbered)


def _joined(rows: _Rows, components: Components, candidates: Pairs, threshold: float) -> Components:
    """Join the components of similar candidates; pairs that are in one component already are not compared."""
    for part in np.array_split(candidates, len(candidates) // _COMPARED + 1):
        apart = part[components[part[:, 0]] != components[part[:, 1]]]
        similar = components[_similar(rows, apart, threshold)]
        if len(similar):
            graph = coo_array((np.ones(len(similar)), (similar[:, 0], similar[:, 1])), shape=(len(components),) * 2)
            components = connected_components(graph, directed=False)[1][components]
    return components


def _candidates(rows: _Rows, start: int, stop: int, threshold: float) -> Pairs:
    """Return the pairs of a row in the chunk and an earlier one whose shared prefix does not rule out the similarity.

    What both share up to the end of the prefix that ends at the rarer element is counted; the rest of that set may be
    shared. The pairs are sorted by the earlier row.
    """
    first = int(np.searchsorted(rows.sizes, threshold * rows.sizes[start] - _ROUNDING))
    left, left_kept = rows.prefixes(start, stop, threshold)
    right, right_kept = rows.prefixes(first, stop, 2 * threshold / (1 + threshold))
    shared = (right @ left.T).tocoo()
    b, a = shared.row, shared.col
    sizes = rows.sizes[start:stop][a], rows.sizes[first:stop][b]
    rest = np.where(_last(left)[a] < _last(right)[b], sizes[0] - left_kept[a], sizes[1] - right_kept[b])
    needed = threshold / (1 + threshold) * (sizes[0] + sizes[1])
    kept = (shared.data + rest >= needed - _ROUNDING) & (b + first < a + start)
    return np.column_stack([a[kept] + start, b[kept] + first]).astype(np.int64)


def _last(prefixes: SparseMatrix) -> NDArray[np.int64]:
    """Return the rank of each row's most frequent element; -1 for an empty row."""
    last = np.full(prefixes.shape[0], -1, dtype=np.int64)
    filled = np.diff(prefixes.indptr) > 0
    last[filled] = prefixes.indices[prefixes.indptr[1:][filled] - 1]
    return last


def _similar(rows: _Rows, pairs: Pairs, threshold: float) -> Pairs:
    """Return the pairs that are as similar as the threshold, by all their elements."""
    a, b = pairs[:, 0], pairs[:, 1]
    shared = np.asarray(rows.sets[a].multiply(rows.sets[b]).sum(axis=1)).ravel()
    near: NDArray[np.bool_] = shared / (rows.sizes[a] + rows.sizes[b] - shared) >= threshold
    return pairs[near]
