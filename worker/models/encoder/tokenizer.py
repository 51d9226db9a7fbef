"""Tokenizer that remembers the last batch of each thread: the next stage of a cascade tokenizes some of it again."""

import threading
from collections.abc import Callable, Sequence

import numpy as np

from worker.models.encoder.packing import Ints

Tokenize = Callable[[Sequence[str]], tuple[Ints, Ints]]
"""Returns the piece ids of all texts, and the bounds between texts, shape (n texts + 1,)."""


class RememberingTokenizer:
    """Tokenizes each text of a batch once, however many stages ask for it.

    Args:
        tokenize: tokenizes a batch.

    """

    def __init__(self, tokenize: Tokenize) -> None:
        self._tokenize = tokenize
        self._last = threading.local()  # batches are classified side by side

    def __call__(self, texts: Sequence[str]) -> tuple[Ints, Ints]:
        """Return the piece ids of all texts, and the bounds between texts, shape (n texts + 1,)."""
        known: dict[str, int] = getattr(self._last, "rows", {})
        if all(text in known for text in texts):
            return self._select([known[text] for text in texts])
        ids, splits = self._tokenize(texts)
        self._last.rows = dict(zip(texts, range(len(texts)), strict=True))
        self._last.ids, self._last.splits = ids, splits
        return ids, splits

    def _select(self, rows: Sequence[int]) -> tuple[Ints, Ints]:
        if not rows:
            return np.empty(0, np.int32), np.zeros(1, np.int64)
        ids, splits = self._last.ids, self._last.splits
        parts = [ids[splits[row] : splits[row + 1]] for row in rows]
        return np.concatenate(parts), np.cumsum([0, *map(len, parts)])
