"""Batches of texts of similar length, padded to the longest of them. Pure."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

_ENOUGH = 1024  # pieces of a batch, padding included: bounds memory

Int64s = NDArray[np.int64]


def batches(counts: Sequence[int]) -> Iterator[list[int]]:
    """Yield the indices of texts, shortest first, in batches of at most 1,024 pieces with padding, or of one text.

    >>> list(batches([3, 500, 4, 600, 3]))
    [[0, 4, 2], [1], [3]]

    Args:
        counts: pieces of each text, shape (n,).

    """
    rows: list[int] = []
    for i in sorted(range(len(counts)), key=counts.__getitem__):
        if rows and (len(rows) + 1) * counts[i] > _ENOUGH:
            yield rows
            rows = []
        rows.append(i)
    if rows:
        yield rows


def pad(pieces: Sequence[Int64s]) -> tuple[Int64s, Int64s]:
    """Return the pieces of texts as rows, and a mask with 1 for pieces and 0 for padding, each of shape (n, longest).

    >>> pad([np.array([7, 8]), np.array([9])])
    (array([[7, 8],
           [9, 0]]), array([[1, 1],
           [1, 0]]))
    """
    counts = np.array([len(ids) for ids in pieces])
    mask = (np.arange(counts.max(initial=1)) < counts[:, np.newaxis]).astype(np.int64)
    rows = np.zeros_like(mask)
    rows[mask.astype(bool)] = np.concatenate(pieces)
    return rows, mask
