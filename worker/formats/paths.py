"""JMESPath expressions: `--text-field`, `--id-field` and `--copy-field`."""

from collections.abc import Mapping, Sequence
from typing import Any

import jmespath
import msgspec

from worker.errors import SettingError
from worker.formats.json_text import clean
from worker.formats.types import Found, Json, JsonObject, Shape

LARGEST_COPY = 10_000
"""Bytes of JSON of a copied field; a larger label could be more than its topic accepts, and stop the worker."""
Path = Any
"""A compiled expression; jmespath has no types."""


def compile_path(path: str, flag: str) -> Path:
    """Return the compiled expression.

    Raises:
        SettingError: it is not JMESPath; the message names the flag.

    """
    try:
        return jmespath.compile(path)
    except jmespath.exceptions.JMESPathError as error:
        reason = " ".join(str(error).split())
        raise SettingError(
            f"{flag}: {path!r} is not a JMESPath expression ({reason}); write a field or a path such as payload.body"
        ) from None


def search(path: Path, value: Json) -> Json:
    """Return what the expression finds; None where it finds nothing, or does not suit the value."""
    try:
        return path.search(value)
    except jmespath.exceptions.JMESPathError:
        return None


def shape_of_paths(text_field: str, id_field: str | None) -> Shape:
    """Return a shape that reads the text and the id at these expressions.

    Raises:
        SettingError: one is not JMESPath.

    """
    text = compile_path(text_field, "--text-field")
    id_ = compile_path(id_field, "--id-field") if id_field else None

    def shape(value: JsonObject) -> Found:
        return Found(search(id_, value) if id_ else None, search(text, value), value)

    return shape


def compile_copies(fields: Sequence[str]) -> Mapping[str, Path]:
    """Return the compiled expressions of `--copy-field` by their text.

    Raises:
        SettingError: one is not JMESPath.

    """
    return {field: compile_path(field, "--copy-field") for field in fields}


def copies(paths: Mapping[str, Path], value: Json) -> dict[str, Json]:
    """Return the copied fields by name; None where the value lacks one, or one that a label cannot carry."""
    return {name: _copy(search(path, value)) for name, path in paths.items()}


def _copy(value: Json) -> Json:
    """Return a value; None for one that is too large for a label, or that JSON cannot hold."""
    try:
        copied = clean(value)
        return copied if len(msgspec.json.encode(copied)) <= LARGEST_COPY else None
    except (RecursionError, TypeError, ValueError, OverflowError):
        return None
