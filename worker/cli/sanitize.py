"""Sanitizing of foreign text for terminals and logs."""

import unicodedata

_JOINERS = {"\u200c", "\u200d"}  # part of words in many scripts, and of emoji


def sanitize(text: str) -> str:
    r"""Return the text on one line, with every invisible character as an escape such as `\x1b`.

    Escaped are control characters, which a terminal obeys, marks that change the direction of writing, and code points
    that are not characters. White space becomes a single space.
    """
    return "".join(map(_sanitize_character, " ".join(text.split())))


def _sanitize_character(character: str) -> str:
    if unicodedata.category(character)[0] != "C" or character in _JOINERS:
        return character
    return character.encode("unicode_escape").decode("ascii")
