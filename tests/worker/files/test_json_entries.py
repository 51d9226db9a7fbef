"""Entries of JSON files."""

import io
import json

import pytest

from worker.errors import DataError
from worker.files.json_entries import read_entries
from worker.files.types import Entry

PAGE = {
    "data": [
        {"id": "1", "text": "Storm over the bay"},
        {"id": "2", "text": "RT @x: the whole te…", "referenced_tweets": [{"type": "retweeted", "id": "9"}]},
    ],
    "includes": {"tweets": [{"id": "9", "text": "the whole text"}, {"id": "8", "text": "of another"}]},
    "meta": {"result_count": 2},
}


def read(content: bytes) -> list[Entry]:
    """Return the entries."""
    return list(read_entries(io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", "surrogateescape", ""), "f.json"))


def test_lines_keep_their_bytes() -> None:
    """Spaces around, a byte order mark and empty lines go; a line that is not JSON says why."""
    first, second, third = read(b'\xef\xbb\xbf {"id": 1,  "text": "a"}\r\n\n\xffbad\n{"id": \n')
    assert first == Entry(1, b'{"id": 1,  "text": "a"}', {"id": 1, "text": "a"})
    assert (second.line, second.raw, second.why) == (3, b"\xffbad", "byte 0xff is not UTF-8")
    assert (third.line, third.why[:8]) == (4, "not JSON")


@pytest.mark.parametrize("indent", [None, 1])
def test_an_array_and_a_single_object_are_opened(indent: int | None) -> None:
    """On one line or over several."""
    objects = [{"id": 1, "text": "é"}, {"id": 2, "text": "b"}]
    assert [entry.value for entry in read(json.dumps(objects, indent=indent).encode())] == objects
    assert [entry.value for entry in read(json.dumps(objects[0], indent=indent).encode())] == objects[:1]


@pytest.mark.parametrize("indent", [None, 1])
def test_pages_of_posts_are_opened(indent: int | None) -> None:
    """Each post is an entry, with the post that it repeats, whose text is whole, and no other."""
    first, second = read(json.dumps(PAGE, indent=indent).encode())
    assert first.value == {"data": PAGE["data"][0]}  # type: ignore[index]
    assert second.value["includes"]["tweets"] == [{"id": "9", "text": "the whole text"}]
    assert json.loads(second.raw) == second.value
    two = read(json.dumps(PAGE).encode() + b"\n" + json.dumps({"statuses": [{"id": 3}]}).encode())
    assert [entry.line for entry in two] == [1, 1, 2]


def test_an_array_on_each_line_is_opened() -> None:
    """Some tools write a list of tweets at a time."""
    assert [entry.value for entry in read(b'[{"id": 1}]\n[{"id": 2}, {"id": 3}]\n')] == [{"id": n} for n in (1, 2, 3)]


def test_a_broken_array_is_refused_with_its_line() -> None:
    """It has no entries to skip."""
    with pytest.raises(DataError, match=r"f\.json, line 4: not JSON: Expecting"):
        read(b'[\n{"id": 1},\n{"id": 2\n')
