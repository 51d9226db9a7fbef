"""SentencePiece, and a tokenizer that remembers the last batch of each thread for the next stage of a cascade."""

import threading
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from worker.models.encoder.packing import LONGEST, Ints

Tokenize = Callable[[Sequence[str]], tuple[Ints, Ints]]
"""Returns the piece ids of all texts, and the bounds between texts, shape (n texts + 1,)."""

_REMEMBERED_BYTES = 32 * 2**20  # of a thread's last batch


class SentencePieceTokenizer:
    """Splits texts into pieces, with one for the beginning and one for the end of each text (Kudo 2018).

    Args:
        model: a SentencePiece model.

    """

    def __init__(self, model: bytes) -> None:
        from sentencepiece import SentencePieceProcessor

        self._processor = SentencePieceProcessor(model_proto=model, add_bos=True, add_eos=True)

    def __call__(self, texts: Sequence[str]) -> tuple[Ints, Ints]:
        """Return the piece ids of all texts, and the bounds between texts, shape (n texts + 1,)."""
        # One thread: the texts of a batch take less time than it takes to start more.
        found = [ids[:LONGEST] for ids in self._processor.encode(list(texts), num_threads=1)]
        splits = np.cumsum([0, *map(len, found)])
        return np.fromiter(chain.from_iterable(found), np.int32, int(splits[-1])), splits


def load_tokenizer(path: Path) -> "RememberingTokenizer":
    """Return the tokenizer with the SentencePiece model in a file."""
    return RememberingTokenizer(SentencePieceTokenizer(path.read_bytes()))


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
        self._remember(texts, ids, splits)
        return ids, splits

    def _remember(self, texts: Sequence[str], ids: Ints, splits: Ints) -> None:
        """Keep the batch instead of the last one, unless it is large."""
        self._last.rows = {}
        if 4 * sum(map(len, texts)) + ids.nbytes + splits.nbytes <= _REMEMBERED_BYTES:
            self._last.rows = dict(zip(texts, range(len(texts)), strict=True))
            self._last.ids, self._last.splits = ids, splits

    def _select(self, rows: Sequence[int]) -> tuple[Ints, Ints]:
        if not rows:
            return np.empty(0, np.int32), np.zeros(1, np.int64)
        ids, splits = self._last.ids, self._last.splits
        parts = [ids[splits[row] : splits[row + 1]] for row in rows]
        return np.concatenate(parts), np.cumsum([0, *map(len, parts)])
