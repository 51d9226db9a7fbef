"""Cleaning of texts: removes what carries no meaning, in training and in the worker alike.

Links and mentions say little but cost many pieces: a t.co address alone is nine of USE's. Kaggle's tweets have
punctuation that was decoded wrongly twice. Tweets of a stream may have common decoding errors, which ftfy corrects
(Speer 2019).
"""

import html
import re
from collections.abc import Sequence
from typing import Any

import ftfy
from numpy.typing import NDArray

from worker.types import Bools, Classifier, Floats, KnowsWords, ReadsSome

LONGEST_CHARS = 2_000
"""A text is cut to this length, so that time and memory are bounded; a tweet has made its point by then."""

_LINK = re.compile(r"https?://\S*", re.IGNORECASE)
_MENTION = re.compile(r"@\w+")
_LOST = (("\x89Û_", "…"), ("\x89Û\x9d", "”"))  # a byte of these was lost, so that no decoding restores them
_MAC = re.compile(r"\x89[Ûâ]|[åÌ][\x80-\xff]")  # MacRoman's bytes for the first ones of UTF-8's, read as Latin-1
_BYTES = re.compile(r"[\x80-\xff]+")


class Cleaned:
    """A classifier whose texts are cleaned first."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    @property
    def classes_(self) -> NDArray[Any]:
        """Targets in the order of the probabilities' columns."""
        return self._classifier.classes_

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return probabilities of shape (n texts, 2)."""
        return self._classifier.predict_proba([clean(text) for text in texts])


class CleanedReader(Cleaned):
    """A classifier whose texts are cleaned first, and that says which of them it can read.

    Args:
        classifier: of all texts.
        reader: the same classifier, which says what it can read.

    """

    def __init__(self, classifier: Classifier, reader: ReadsSome) -> None:
        super().__init__(classifier)
        self._reader = reader

    def predict_readable(self, texts: Sequence[str], /) -> tuple[Floats, Bools]:
        """Return the probabilities of cleaned texts, and whether each can be read."""
        return self._reader.predict_readable([clean(text) for text in texts])


class CleanedKnower(Cleaned):
    """A classifier whose texts are cleaned first, and that says how much of them it knows.

    Args:
        classifier: of all texts.
        knower: the same classifier, which says what it knows.

    """

    def __init__(self, classifier: Classifier, knower: KnowsWords) -> None:
        super().__init__(classifier)
        self._knower = knower

    def predict_known(self, texts: Sequence[str], /) -> tuple[Floats, Floats]:
        """Return the probabilities of cleaned texts, and the share of each that is known."""
        return self._knower.predict_known([clean(text) for text in texts])


def cleaned(classifier: Classifier) -> Cleaned:
    """Return the classifier with cleaned texts; it still says which it can read, or what it knows, if it did."""
    if isinstance(classifier, ReadsSome):
        return CleanedReader(classifier, classifier)
    return CleanedKnower(classifier, classifier) if isinstance(classifier, KnowsWords) else Cleaned(classifier)


def clean(text: str) -> str:
    """Return the first 2,000 characters in one line, decoding corrected, links and mentions shortened, no hash signs.

    >>> clean("RT @AP: #wildfire at La_Ronge &amp; growing https://t.co/a1B2")
    'RT @user: wildfire at La Ronge & growing http'

    """
    text = html.unescape(_decoded(text[:LONGEST_CHARS]))
    text = _MENTION.sub("@user", _LINK.sub("http", text))
    return " ".join(text.replace("#", " ").replace("_", " ").split())


def _decoded(text: str) -> str:
    """Correct what was decoded wrongly."""
    if text.isascii():
        return text
    for wrong, right in _LOST:
        text = text.replace(wrong, right)
    if _MAC.search(text):
        text = _BYTES.sub(_from_mac, text)
    return text if text.isascii() else ftfy.fix_encoding(text)


def _from_mac(found: re.Match[str]) -> str:
    return found[0].encode("latin-1").decode("mac_roman")
