"""Sanitizing of foreign text."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import Label
from worker.cli.console import label_line
from worker.cli.sanitize import sanitize


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jgone", r"\x1b[2Jgone"),
        ("a\n b\u2028c", "a b c"),
        ("\u202eevil", r"\u202eevil"),
        ("👩\u200d🚒 火事", "👩\u200d🚒 火事"),
    ],
)
def test_invisible_characters_are_escaped(text: str, shown: str) -> None:
    """A tweet cannot clear the screen or change the direction of writing; emoji stay whole."""
    assert sanitize(text) == shown


@given(st.text())
def test_any_text_is_one_printable_line(text: str) -> None:
    """Any text fits in one cell of a table."""
    assert all(character.isprintable() or character in "\u200c\u200d" for character in sanitize(text))


def test_a_label_line_is_sanitized() -> None:
    """`tail` and the demo print texts that strangers wrote."""
    label = Label(
        id="1",
        label="disaster",
        target=1,
        probability=0.9,
        stage="baseline",
        model_version="v",
        received_at=None,
        labelled_at=datetime.now(UTC),
    )
    assert "\x1b" not in label_line(label, "\x1b]0;owned\x07").plain
