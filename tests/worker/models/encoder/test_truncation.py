"""Truncation of texts."""

from hypothesis import given
from hypothesis import strategies as st

from worker.models.encoder.truncation import normalized_length, truncate
from worker.models.text_cleaning import LONGEST_CHARS


@given(st.text(max_size=60).map(lambda text: text * 100) | st.text("\ufdfa\u3300x", min_size=1).map(lambda t: t * 400))
def test_a_text_is_cut_after_normalization(text: str) -> None:
    """A text of characters that normalize to 18 each takes no more time and memory than any other long text."""
    assert normalized_length(truncate(text)) <= LONGEST_CHARS
    assert text.startswith(truncate(text)) or normalized_length(text[:LONGEST_CHARS]) > LONGEST_CHARS
