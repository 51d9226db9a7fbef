"""Truncation of texts to what the encoder reads of them."""

from unicodedata import normalize

from worker.models.text_cleaning import LONGEST_CHARS


def truncate(text: str) -> str:
    """Return what the encoder reads of a text: at most 2,000 characters after the tokenizer's normalization.

    Unicode's compatibility form (NFKC) of one character has up to 18: 2,000 of them would be 10,000 pieces.
    """
    first = text[:LONGEST_CHARS]
    return first if normalized_length(first) <= LONGEST_CHARS else normalize("NFKC", first)[:LONGEST_CHARS]


def normalized_length(text: str) -> int:
    """Return the number of characters that the encoder's tokenizer sees; it makes at most that many pieces."""
    return len(normalize("NFKC", text))
