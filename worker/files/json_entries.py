"""Entries of JSON files: a value on each line, one array, or one object; pages of posts are opened."""

import json
from collections.abc import Iterator
from io import TextIOBase

from worker.errors import DataError
from worker.files.encodings import decode_error
from worker.files.types import Entry, Json

_UTF8 = "surrogateescape"  # a line keeps its bytes


def read_entries(text: TextIOBase, where: str) -> Iterator[Entry]:
    """Yield what a JSON file holds; an entry of a page of X's API, as twarc writes them, is a post with its originals.

    Args:
        text: seekable, decoded with `surrogateescape`.
        where: the file, for messages.

    Raises:
        DataError: the file is an array that is not JSON.

    """
    first = next((line for line in text if line.strip()), "")
    text.seek(0)
    if first.lstrip().startswith("[") or first.strip() == "{":
        yield from _whole(text.read(), where)
    else:
        yield from _lines(text)


def _whole(content: str, where: str) -> Iterator[Entry]:
    try:
        value = json.loads(content)
    except json.JSONDecodeError as error:
        if error.msg != "Extra data":
            raise DataError(f"{where}, line {error.lineno}: not JSON: {error.msg}") from error
        yield from _lines(content.split("\n"))
        return
    for number, post in enumerate(_posts(value), 1):
        yield Entry(number, _dumped(post), post)


def _lines(text: "TextIOBase | list[str]") -> Iterator[Entry]:
    for number, line in enumerate(text, 1):
        yield from read_entry(number, line)


def read_entry(number: int, line: str) -> Iterator[Entry]:
    """Yield what a line of JSON holds, one that is not JSON as well; the bytes that are not UTF-8 are escaped in it."""
    line = line.strip()
    raw = line.encode("utf-8", _UTF8)
    if not line:
        return
    if wrong := decode_error(line):
        yield Entry(number, raw, None, wrong)
        return
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        yield Entry(number, raw, None, f"not JSON: {error}")
        return
    posts = _posts(value)
    same = len(posts) == 1 and posts[0] is value
    yield from (Entry(number, raw if same else _dumped(post), post) for post in posts)


def _posts(value: Json) -> list[Json]:
    """Return the elements of an array or of a page; any other value alone."""
    if isinstance(value, list):
        return [post for element in value for post in _posts(element)]
    if isinstance(value, dict) and isinstance(value.get("data"), list) and value.keys() & {"meta", "includes"}:
        return [_with_original(post, value.get("includes")) for post in value["data"]]
    if isinstance(value, dict) and isinstance(value.get("statuses"), list):
        return list(value["statuses"])
    return [value]


def _with_original(post: Json, includes: Json) -> Json:
    """Return a post of a page as the stream sends it: with the posts that it refers to, whose text may be whole."""
    references = post.get("referenced_tweets") if isinstance(post, dict) else None
    posts = includes.get("tweets") if isinstance(includes, dict) else None
    if not isinstance(references, list) or not isinstance(posts, list):
        return {"data": post}
    ids = [reference.get("id") for reference in references if isinstance(reference, dict)]
    return {"data": post, "includes": {"tweets": [p for p in posts if isinstance(p, dict) and p.get("id") in ids]}}


def _dumped(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
