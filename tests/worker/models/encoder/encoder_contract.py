"""The contract of encoders: the same vectors and labels for any text, in bounded memory, whatever computes them."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import pytest

from worker.models.encoder.confirmation import Head
from worker.models.encoder.engine import Vectors
from worker.models.encoder.selection import Selectable

HOSTILE = ["", " ", "\x00", "\U0001f30b" * 300, "a" * 3_000, "\ufdfa" * 110, "\u202e\u0301" * 50]


class Case(NamedTuple):
    """An encoder under test."""

    encoder: Selectable
    fresh: Callable[[], Selectable]
    """Returns another one of the same files and type."""
    texts: Sequence[str]
    expected: Vectors
    """The texts' vectors in float32, computed text by text in another way."""
    least_cosine: float
    """To the expected vectors."""
    head: Head
    largest: int
    """Pieces of a call of the network, with padding, at most."""
    record_calls: Callable[[pytest.MonkeyPatch], list[int]]
    """Return a list that the pieces of each call of the network are added to."""


class EncoderContract:
    """What every encoder must do; a subclass has the fixture `case`."""

    def test_vectors_are_those_of_single_texts(self, case: Case) -> None:
        """Neither packing nor padding nor the type change the vectors."""
        assert (case.encoder.encode(case.texts) * case.expected).sum(axis=1).min() > case.least_cosine

    def test_labels_are_those_of_float32(self, case: Case) -> None:
        """A head gives the same labels whatever computes the vectors, where it is sure of them."""
        expected = case.head(case.expected)
        sure = np.abs(expected - 0.5) > 0.05
        assert sure.sum() > len(case.texts) / 2
        np.testing.assert_array_equal(case.head(case.encoder.encode(case.texts))[sure] >= 0.5, expected[sure] >= 0.5)

    def test_a_vector_does_not_depend_on_the_batch(self, case: Case) -> None:
        """A tweet has the same vector alone and in a batch, so it gets the same label."""
        alone = np.vstack([case.encoder.encode([text]) for text in case.texts[:8]])
        np.testing.assert_allclose(case.encoder.encode(case.texts)[:8], alone, atol=2e-3)
        np.testing.assert_allclose(np.linalg.norm(alone, axis=1), 1, atol=1e-5)

    def test_two_calls_at_once_get_the_vectors_of_one(self, case: Case) -> None:
        """The worker classifies two batches at the same time; what both see first is computed once."""
        alone, fresh = case.encoder.encode(case.texts), case.fresh()
        with ThreadPoolExecutor(2) as threads:
            for found in threads.map(fresh.encode, [case.texts] * 4):
                np.testing.assert_array_equal(found, alone)

    @pytest.mark.parametrize("text", HOSTILE)
    def test_any_text_has_a_vector(self, case: Case, text: str) -> None:
        """No text, however odd, makes an encoder fail or return NaN."""
        np.testing.assert_allclose(np.linalg.norm(case.encoder.encode([text]), axis=1), 1, atol=1e-5)

    def test_no_texts_have_no_vectors(self, case: Case) -> None:
        """An empty batch gives an empty array of the right width."""
        assert case.encoder.encode([]).shape == (0, case.expected.shape[1])

    def test_a_long_batch_is_embedded_in_bounded_calls(self, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
        """The memory of a call does not grow with the batch."""
        asked = case.record_calls(monkeypatch)
        assert len(case.encoder.encode(["fire " * n for n in (1, 300, 2, 390) * 20])) == 80
        assert len(asked) > 1
        assert max(asked) <= case.largest

    def test_each_type_names_itself(self, case: Case) -> None:
        """Logs and metrics show who computes."""
        assert case.encoder.arithmetic.engine in {"onnx", "tensorflow"}
        assert case.fresh().arithmetic == case.encoder.arithmetic
