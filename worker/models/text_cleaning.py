"""Texts without what carries no meaning: the same for all tweets in a stream, as it was for those trained on.

Links and mentions say little but cost many pieces: a t.co address alone is nine of USE's. Kaggle's tweets have
punctuation that was decoded wrongly twice; tweets of a stream may have the common ways of that (ftfy, Speer 2019).
"""

import html
import re
from collections.abc import Sequence
from typing import Any

import ftfy
from numpy.typing import NDArray

from worker.types import Classifier, Floats

LONGEST_CHARS = 2_000
"""Of a text are kept: what a tweet says is said by then, and time and memory stay bounded."""

_LINK = re.compile(r"https?://\S*", re.IGNORECASE)
_MENTION = re.compile(r"@\w+")
_LOST = (("\x89Û_", "…"), ("\x89Û\x9d", "”"))  # a byte of these was lost, so that no decoding mends them
_MAC = re.compile(r"\x89[Ûâ]|[åÌ][\x80-\xff]")  # MacRoman's bytes for the first ones of UTF-8's, read as Latin-1
_BYTES = re.compile(r"[\x80-\xff]+")


class Cleaned:
    """A classifier that gets its texts clean."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    @property
    def classes_(self) -> NDArray[Any]:
        """Targets in the order of the probabilities' columns."""
        return self._classifier.classes_

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return probabilities of shape (n texts, 2)."""
        return self._classifier.predict_proba([clean(text) for text in texts])


def clean(text: str) -> str:
    """Return the first 2,000 characters with links and mentions shortened, without hash signs, in one line."""
    text = html.unescape(_decoded(text[:LONGEST_CHARS]))
    text = _MENTION.sub("@user", _LINK.sub("http", text))
    return " ".join(text.replace("#", " ").replace("_", " ").split())


def _decoded(text: str) -> str:
    """Mend what was decoded wrongly."""
    if text.isascii():
        return text
    for wrong, right in _LOST:
        text = text.replace(wrong, right)
    if _MAC.search(text):
        text = _BYTES.sub(_from_mac, text)
    return text if text.isascii() else ftfy.fix_encoding(text)


def _from_mac(found: re.Match[str]) -> str:
    return found[0].encode("latin-1").decode("mac_roman")
