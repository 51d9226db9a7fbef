"""The tokenizer with a memory."""

import threading
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.models.encoder import tokenizer
from worker.models.encoder.packing import Ints
from worker.models.encoder.tokenizer import RememberingTokenizer


class Counting:
    """A piece for each character; counts the texts."""

    def __init__(self) -> None:
        self.texts = 0

    def __call__(self, texts: Sequence[str]) -> tuple[Ints, Ints]:
        """Tokenize, and count."""
        self.texts += len(texts)
        return np.array([ord(c) for text in texts for c in text], np.int32), np.cumsum([0, *map(len, texts)])


@given(st.lists(st.text(max_size=5), min_size=1), st.data())
def test_a_later_stages_texts_are_not_tokenized_again(batch: list[str], data: st.DataObject) -> None:
    """A part of the last batch, in any order, has the same pieces as if it were tokenized."""
    part = data.draw(st.lists(st.sampled_from(batch)))
    counting = Counting()
    tokenize = RememberingTokenizer(counting)
    tokenize(batch)
    found = tokenize(part)
    assert counting.texts == len(batch)
    for ours, expected in zip(found, Counting()(part), strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_a_new_text_is_tokenized() -> None:
    """Only the last batch is remembered, so memory is bounded."""
    counting = Counting()
    tokenize = RememberingTokenizer(counting)
    for batch in (["a"], ["b"], ["a"]):
        tokenize(batch)
    assert counting.texts == 3


def test_threads_do_not_share_a_batch() -> None:
    """Batches that are classified side by side do not mix."""
    counting = Counting()
    tokenize = RememberingTokenizer(counting)
    tokenize(["a"])
    thread = threading.Thread(target=tokenize, args=(["a"],))
    thread.start()
    thread.join()
    assert counting.texts == 2


def test_a_large_batch_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory for the next stage is bounded by bytes: texts may have 25,000 characters, batches 100,000 texts."""
    monkeypatch.setattr(tokenizer, "_REMEMBERED_BYTES", 1_000)
    counting = Counting()
    tokenize = RememberingTokenizer(counting)
    for batch in (["a"], ["b" * 1_000], ["b" * 1_000], ["a"]):
        np.testing.assert_array_equal(tokenize(batch)[0], Counting()(batch)[0])
    assert counting.texts == 4
    tokenize(["a"])
    assert counting.texts == 4, "a small batch is remembered again"
