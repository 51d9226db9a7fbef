"""Redaction of secrets: at level debug kafka-python logs its whole configuration, passwords included.

Formatters redact what they have formatted, tracebacks included. A log shows a secret as it is or as a library escapes
it: in its repr, in JSON, in a URL, or in one of these within another. Tokens, which change while a worker runs, are
known by what stands before them.
"""

import json
import re
from collections.abc import Callable, Iterable
from urllib.parse import quote

from worker.cli.sanitize import sanitize

Redact = Callable[[str], str]
_MASK = "***"
_TOKEN = re.compile(r"\b(Bearer|Basic) [\w.~+/=-]{2,}")
"""A login as HTTP and SASL send it."""
_DEPTH = 3


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


_ESCAPES: tuple[Callable[[str], str], ...] = (
    lambda text: repr(text)[1:-1],
    lambda text: repr(text.encode())[2:-1],
    # What a repr makes of an apostrophe depends on whether the text around it has both kinds of quotes.
    lambda text: repr(f"{text}'\"")[1:-4],
    lambda text: repr(f"{text}'\"".encode())[2:-4],
    lambda text: json.dumps(text)[1:-1],
    _in_json,
    lambda text: quote(text, safe=""),
    sanitize,
)


def redactor(secrets: Iterable[str], *, in_json: bool = False) -> Redact:
    r"""Return a function that replaces secrets, however they are escaped, and the tokens of any login by stars.

    Args:
        secrets: texts to redact.
        in_json: whether the function gets JSON, in which all is escaped once more.

    >>> redactor(["a'b\\"])("password 'a\\'b\\\\', logged as a'b\\")
    "password '***', logged as ***"

    """
    spellings = {spelling for secret in secrets if secret for spelling in _spellings(secret)}
    if in_json:
        spellings = {_in_json(spelling) for spelling in spellings}
    longest_first = sorted(spellings, key=len, reverse=True)
    known = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")  # without secrets, what nothing matches
    return lambda text: _TOKEN.sub(rf"\1 {_MASK}", known.sub(_MASK, text))


def _spellings(secret: str) -> set[str]:
    """Return the secret and what up to three escapes in a row make of it."""
    found = {secret}
    for _ in range(_DEPTH):
        found |= {escape(text) for text in found for escape in _ESCAPES}
    return found - {""}
