"""Batches of texts for encoders on SavedModels."""

from hypothesis import given
from hypothesis import strategies as st

from worker.models.encoder.saved_model import batches
from worker.models.text_cleaning import LONGEST_CHARS


@given(st.lists(st.integers(0, 30_000)))
def test_batches_hold_every_text_once_and_are_bounded(lengths: list[int]) -> None:
    """Texts of any length: each is in one batch, and no batch exceeds 64 texts or 32,000 characters with padding."""
    found = list(batches(lengths))
    assert sorted(i for rows in found for i in rows) == list(range(len(lengths)))
    for rows in found:
        assert len(rows) <= 64
        assert len(rows) * min(max(lengths[i] for i in rows), LONGEST_CHARS) <= 32_000
