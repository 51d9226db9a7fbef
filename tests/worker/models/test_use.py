"""Batches and lengths of texts for the encoder."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.models.text_cleaning import LONGEST_CHARS
from worker.models.use import EncoderCache, batches, normalized_length, truncate


@given(st.lists(st.integers(0, 30_000)))
def test_batches_hold_every_text_once_and_are_bounded(lengths: list[int]) -> None:
    """Texts of any length: each is in one batch, and no batch exceeds 64 texts or 32,000 characters with padding."""
    found = list(batches(lengths))
    assert sorted(i for rows in found for i in rows) == list(range(len(lengths)))
    for rows in found:
        assert len(rows) <= 64
        assert len(rows) * min(max(lengths[i] for i in rows), LONGEST_CHARS) <= 32_000


@given(st.text(max_size=60).map(lambda text: text * 100) | st.text("\ufdfa\u3300x", min_size=1).map(lambda t: t * 400))
def test_a_text_is_cut_after_normalization(text: str) -> None:
    """A text of characters that normalize to 18 each takes no more time and memory than any other long text."""
    assert normalized_length(truncate(text)) <= LONGEST_CHARS
    assert text.startswith(truncate(text)) or normalized_length(text[:LONGEST_CHARS]) > LONGEST_CHARS


def test_stages_share_an_encoder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two stages that name the same folder load its encoder once: memory and tokens are shared."""
    monkeypatch.setattr("worker.models.use.refuse_unsafe_graph", lambda _folder: None)
    monkeypatch.setattr("worker.models.use.UseEncoder", lambda handle: [handle])
    encoders = EncoderCache()
    assert encoders.load(tmp_path / "use") is encoders.load(tmp_path / "use")
    assert encoders.load(tmp_path / "other") is not encoders.load(tmp_path / "use")
