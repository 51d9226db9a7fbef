"""Tweets that stand for all others: those nearest to the centers of clusters. Pure."""

import warnings
from typing import Any, TypeAlias

import numpy as np

from worker.types import Ints

Vectors: TypeAlias = Any
"""An array, or a sparse matrix of scipy, which has no types; shape (n, d)."""

_MOST = 20_000  # tweets that are clustered; of more, a random sample
_ITERATIONS = 20


def spread(vectors: Vectors, rows: Ints, number: int, seed: int) -> Ints:
    """Return so many of the rows, at most all, that are near the centers of as many clusters of the rows.

    Args:
        vectors: of all tweets, shape (n, d).
        rows: to choose from.
        number: of rows to choose.
        seed: of the clusters.

    """
    if number >= len(rows) or not number:
        return rows[:number]
    draw = np.random.default_rng(seed)
    sample = draw.permutation(rows)[: max(_MOST, number)]
    nearest = _nearest_to_centers(vectors[sample], number, seed)
    chosen = sample[nearest]
    others = np.setdiff1d(sample, chosen)  # fewer clusters than asked for: equal vectors
    return np.concatenate([chosen, draw.permutation(others)[: number - len(chosen)]])


def _nearest_to_centers(vectors: Vectors, number: int, seed: int) -> Ints:
    """Return the index of the member nearest to the center of each cluster."""
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct vectors than clusters
        means = KMeans(number, random_state=seed, n_init=1, max_iter=_ITERATIONS).fit(vectors)
    distances = means.transform(vectors)[np.arange(vectors.shape[0]), means.labels_]
    order = np.argsort(distances, kind="stable")
    return order[np.unique(means.labels_[order], return_index=True)[1]]
