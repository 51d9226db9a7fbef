"""Foreign text that is safe to show."""

import unicodedata

_JOINERS = {"\u200c", "\u200d"}  # spell words of many scripts, and emoji


def visible(text: str) -> str:
    r"""Return the text on one line, with what no one sees as an escape such as `\x1b`.

    That is control characters, which a terminal obeys, marks that turn the direction of writing, and code points that
    are no characters. White space becomes a single space.
    """
    return "".join(map(_visible, " ".join(text.split())))


def _visible(character: str) -> str:
    if unicodedata.category(character)[0] != "C" or character in _JOINERS:
        return character
    return character.encode("unicode_escape").decode("ascii")
