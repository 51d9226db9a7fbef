"""Tokenizer of a sentence encoder, from its `tokenizer.json`."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from worker.errors import ArtifactError

PiecesOf: TypeAlias = list[NDArray[np.int64]]
"""The piece ids of each text."""
HuggingFaceTokenizer: TypeAlias = Any
"""`tokenizers.Tokenizer`."""


class MissingTokenizersError(ArtifactError):
    """The package `tokenizers` is not installed."""


class Tokenized(NamedTuple):
    """The pieces of n texts."""

    pieces: PiecesOf
    split: NDArray[np.float64]
    """Share of each text's pieces that begin no word, or are unknown, shape (n,)."""


class WordPieces:
    """Splits texts into pieces, with the special ones that the encoder expects.

    Args:
        path: of `tokenizer.json`.
        longest: pieces of a text; the rest is cut off.

    Raises:
        MissingTokenizersError: the package is not installed.
        ArtifactError: the file is not one of the package's tokenizers.

    """

    def __init__(self, path: Path, longest: int) -> None:
        self._tokenizer = _load(path)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(longest)
        self._unknown = _unknown_piece(self._tokenizer)

    def __call__(self, texts: Sequence[str]) -> Tokenized:
        """Return the pieces of texts."""
        encodings = self._tokenizer.encode_batch([_valid(text) for text in texts])
        pieces = [np.array(encoding.ids, dtype=np.int64) for encoding in encodings]
        words = [encoding.word_ids for encoding in encodings]
        split = [_split(ids, of, self._unknown) for ids, of in zip(pieces, words, strict=True)]
        return Tokenized(pieces, np.array(split, dtype=np.float64))


def _load(path: Path) -> HuggingFaceTokenizer:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # its threads would take the cores of other batches
    try:
        from tokenizers import Tokenizer
    except ModuleNotFoundError:
        raise MissingTokenizersError(
            f"{path.parent} needs the package tokenizers: pip install 'tweet-cascade[encoders]'"
        ) from None
    try:
        return Tokenizer.from_str(path.read_text(encoding="utf-8"))
    except Exception as error:  # the package raises Exception itself
        raise ArtifactError(f"{path} is not a tokenizer that the package tokenizers reads: {error}") from error


def _unknown_piece(tokenizer: HuggingFaceTokenizer) -> int:
    """Return the id of the piece for what the vocabulary lacks; -1 where there is none."""
    name = getattr(tokenizer.model, "unk_token", None)
    found = tokenizer.token_to_id(name) if name else None
    return -1 if found is None else int(found)


def _valid(text: str) -> str:
    """Return the text with a question mark for each half of a surrogate pair, which is not a character."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _split(pieces: NDArray[np.int64], words: Sequence[int | None], unknown: int) -> float:
    """Return the share of pieces, special ones left out, that begin no word or are unknown; 0 of none.

    >>> _split(np.array([101, 7, 8, 9, 100, 102]), [None, 0, 1, 1, 2, None], unknown=100)
    0.5
    """
    of_words = [word for word in words if word is not None]
    if not of_words:
        return 0.0
    return 1 - (len(set(of_words)) - int((pieces == unknown).sum())) / len(of_words)
