"""JSON of the streams as they are: lone surrogates, a byte order mark, numbers of any length, JSON in JSON."""

import json
import re
from typing import Any

import msgspec

from schemas import Reason
from worker.formats.types import BadValueError, Json

_SURROGATE = re.compile("[\ud800-\udfff]")
_LONGEST_INTEGER = 40  # characters; what is longer cannot be an id, and takes long to convert
_DEEPEST = 4
_ENCODED = re.compile(r"\s*[{\"]")


def decode_utf8(value: bytes) -> str:
    """Return the text; a surrogate without its partner becomes U+FFFD.

    Raises:
        BadValueError: the bytes are not UTF-8.

    """
    try:
        text = value.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        try:
            text = replace_surrogates(value.decode("utf-8", "surrogatepass"))
        except UnicodeDecodeError:
            raise BadValueError(Reason.INVALID_UTF8, str(error)[:200]) from None
    return text


def replace_surrogates(text: str) -> str:
    r"""Return the text with U+FFFD for each surrogate without its partner.

    >>> ascii(replace_surrogates("cut \ud83d"))
    "'cut \\ufffd'"
    >>> ascii(replace_surrogates("\ud83d\ude00"))
    "'\\U0001f600'"
    """
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def parse_bytes(value: bytes) -> Json:
    """Return the value of JSON in UTF-8, and of the JSON that a string of it holds; msgspec is quick and strict.

    Raises:
        BadValueError: the bytes are not UTF-8 or not JSON, or are nested too deeply.

    """
    try:
        parsed = msgspec.json.decode(value)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return parse_json(decode_utf8(value))
    return _opened(parsed)


def parse_json(text: str) -> Json:
    """Return the value of a JSON text, and of the JSON that a string of it holds.

    Raises:
        BadValueError: the text is not JSON, or is nested too deeply.

    """
    return _opened(_parse(text))


def _opened(value: Json) -> Json:
    """Return the value that a string of JSON holds, or any other value as it is."""
    for _ in range(_DEEPEST):
        if not (isinstance(value, str) and _ENCODED.match(value)):
            return value
        value = _parse(value)
    raise BadValueError(Reason.INVALID_JSON, f"JSON in JSON, more than {_DEEPEST} times")


def _parse(text: str) -> Json:
    try:
        value = json.loads(text, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise BadValueError(Reason.INVALID_JSON, str(error)) from None
    except RecursionError:
        raise BadValueError(Reason.INVALID_JSON, "the value is nested too deeply") from None
    return value


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float("inf")


def clean(value: Json) -> Any:  # noqa: ANN401 (a decoded value)
    """Return a decoded value without surrogates that have no partner, which no encoder writes."""
    if isinstance(value, str):
        return replace_surrogates(value)
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {str(clean(name)): clean(item) for name, item in value.items()}
    return value
