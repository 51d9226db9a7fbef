"""Groups of similar sets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from training.data import similarity
from training.data.duplicates import near_duplicates
from training.data.similarity import SparseMatrix, similar_groups

SETS = st.lists(st.frozensets(st.integers(0, 14), max_size=12), max_size=30)


def matrix(sets: list[frozenset[int]]) -> SparseMatrix:
    """Return the sets as rows of ones."""
    bounds = np.cumsum([0, *map(len, sets)])
    elements = [element for one in sets for element in sorted(one)]
    return csr_array((np.ones(len(elements)), elements, bounds), shape=(len(sets), 15))


def all_compared(sets: list[frozenset[int]], threshold: float) -> list[int]:
    """Return the component of each set, each set compared with all others."""
    near = [[bool(a | b) and len(a & b) / len(a | b) >= threshold for b in sets] for a in sets]
    graph = csr_array(np.array(near).reshape(len(sets), len(sets)))
    return [int(component) for component in connected_components(graph, directed=False)[1]]


def numbered(components: list[int]) -> list[int]:
    """Return the components, numbered in order of appearance."""
    order = list(dict.fromkeys(components))
    return [order.index(component) for component in components]


@given(SETS, st.sampled_from([0.3, 0.5, 0.7, 1.0]))
def test_groups_are_those_of_comparing_each_with_all(sets: list[frozenset[int]], threshold: float) -> None:
    """The filters leave out no similar pair, at the threshold itself as well."""
    assert numbered(similar_groups(matrix(sets), threshold).tolist()) == numbered(all_compared(sets, threshold))


def test_chunks_hide_no_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pairs across chunks are found as those within one; every row is counted once for the progress."""
    random = np.random.default_rng(1)
    sets = [frozenset(random.choice(15, random.integers(1, 9), replace=False).tolist()) for _ in range(200)]
    expected = numbered(all_compared(sets, 0.7))
    assert 1 < len(set(expected)) < len(set(sets))
    monkeypatch.setattr(similarity, "_CHUNK", 7)
    monkeypatch.setattr(similarity, "_COMPARED", 3)
    done: list[int] = []
    assert numbered(similar_groups(matrix(sets), 0.7, done.append).tolist()) == expected
    assert sum(done) == len(sets)


def test_few_pairs_are_compared_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work grows with the rows, not with their square: a pair without a rare element in common costs nothing."""
    compared: list[int] = []
    similar = similarity._similar

    def counting(rows: similarity._Rows, pairs: similarity.Pairs, threshold: float) -> similarity.Pairs:
        compared.append(len(pairs))
        return similar(rows, pairs, threshold)

    monkeypatch.setattr(similarity, "_similar", counting)
    texts = [f"flood number {n * 7919} at the river {n * 104729}" for n in range(3000)]
    texts += [f"the same storm as ever, {n}" for n in range(3000)]
    assert len(set(near_duplicates(texts).tolist())) <= 3001
    assert sum(compared) < 200 * len(texts), "of 18 million pairs"
