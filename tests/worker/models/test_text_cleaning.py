"""Cleaning of texts."""

import doctest
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers import FixedClassifier
from worker.models import text_cleaning
from worker.models.text_cleaning import LONGEST_CHARS, Cleaned, clean, cleaned
from worker.types import Bools, Floats, KnowsWords, ReadsSome


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Forest fire near La Ronge", "Forest fire near La Ronge"),
        ("RT @AP: fire! https://t.co/a1B2 HTTP://x.org/?q=1", "RT @user: fire! http http"),
        ("#wildfire #la_ronge\n\tnow", "wildfire la ronge now"),
        ("fish &amp; chips &gt; all", "fish & chips > all"),
        ("mail me@example.org", "mail me@user.org"),
        # Kaggle's: UTF-8 read as cp1252, written as MacRoman, read as Latin-1.
        ("the town\x89Ûªs \x89ÛÏflood\x89Û\x9d, more \x89Û_", "the town’s “flood”, more …"),
        ("a 5åÊkm wall of fire", "a 5 km wall of fire"),
        # The common error: UTF-8 read as cp1252 once.
        ("the townâ€™s flood, cafÃ© closed", "the town’s flood, café closed"),
        (
            "übrigens: Überschwemmung in Ångström, ça va ☔ 洪水 🌊",
            "übrigens: Überschwemmung in Ångström, ça va ☔ 洪水 🌊",
        ),
        ("", ""),
    ],
)
def test_what_carries_no_meaning_is_removed(text: str, expected: str) -> None:
    """Links, mentions, hash signs and decoding errors are removed; words and other scripts stay as they are."""
    assert clean(text) == expected


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_is_one_line_of_bounded_length(text: str) -> None:
    """Any text is accepted, lone surrogates and control characters included, and gives one line of bounded length."""
    cleaned = clean(text)
    assert len(cleaned) <= 5 * LONGEST_CHARS
    assert "\n" not in cleaned
    assert not cleaned.startswith(" ")


def test_a_hostile_text_costs_no_more_than_a_long_tweet() -> None:
    """A text of a megabyte is cut first, so that it takes no longer than a long tweet."""
    assert len(clean("a" * 2**20)) == LONGEST_CHARS


def test_the_classifier_gets_clean_texts() -> None:
    """A classifier that was trained on clean texts gets clean texts."""
    inner = FixedClassifier({"fire http": 0.7})
    assert Cleaned(inner).predict_proba(["#fire https://t.co/x"])[0].tolist() == pytest.approx([0.3, 0.7])
    assert inner.asked == ["fire http"]


class Reader(FixedClassifier):
    """A classifier that says what it can read."""

    def predict_readable(self, texts: Sequence[str], /) -> tuple[Floats, Bools]:
        """Read everything but the empty text."""
        return self.predict_proba(texts), np.array([bool(text) for text in texts], dtype=np.bool_)


def test_a_classifier_that_says_what_it_can_read_still_does() -> None:
    """It is asked about clean texts; another one does not say so because of its cleaning."""
    inner = Reader()
    found = cleaned(inner)
    assert isinstance(found, ReadsSome)
    assert found.predict_readable(["#fire", "#"])[1].tolist() == [True, False]
    assert inner.asked == ["fire", ""]
    assert not isinstance(cleaned(FixedClassifier()), ReadsSome)


class Knower(FixedClassifier):
    """A classifier that says how much it knows."""

    def predict_known(self, texts: Sequence[str], /) -> tuple[Floats, Floats]:
        """Know half of everything."""
        return self.predict_proba(texts), np.full(len(texts), 0.5)


def test_a_classifier_that_says_what_it_knows_still_does() -> None:
    """Audits of a stage on clean texts are divided by what it knows of them; another stage does not say so."""
    inner = Knower()
    found = cleaned(inner)
    assert isinstance(found, KnowsWords)
    assert found.predict_known(["#fire"])[1].tolist() == [0.5]
    assert inner.asked == ["fire"]
    assert not isinstance(cleaned(FixedClassifier()), KnowsWords)


def test_the_worked_example_is_right() -> None:
    """The clean text in the docstring of `clean` is the code's own."""
    assert doctest.testmod(text_cleaning) == (0, 1)
