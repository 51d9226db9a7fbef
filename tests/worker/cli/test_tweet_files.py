"""Files of tweets."""

import json
import os
from pathlib import Path

import pytest

from tests.helpers import tweet
from worker.cli.tweet_files import read_messages, read_stdin
from worker.errors import DataError


def test_csv_rows_become_tweets(tmp_path: Path) -> None:
    """Kaggle's files can be published as they are; the target is left out."""
    path = tmp_path / "tweets.csv"
    path.write_text('\ufeffid,keyword,location,text,target\n1,,"Paris, FR","Fire\nhere",1\n', encoding="utf-8")
    (message,) = read_messages(str(path), "tweets")
    assert (message.topic, message.key) == ("tweets", b"1")
    assert json.loads(message.value or b"") == {"id": "1", "location": "Paris, FR", "text": "Fire\nhere"}


def test_json_lines_are_published_as_they_are(tmp_path: Path) -> None:
    """A line that is not a tweet is published too: the worker dead-letters it, with the reason."""
    path = tmp_path / "tweets.jsonl"
    path.write_bytes(b'{"id": 5, "text": "a", "more": 1}\n\n\xffbad\n')
    messages = list(read_messages(str(path), "tweets"))
    assert [(m.key, m.value) for m in messages] == [(b"5", b'{"id": 5, "text": "a", "more": 1}'), (None, b"\xffbad")]


def test_lines_of_a_slow_pipe_are_published_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A live feed does not wait for a full chunk; a line may arrive in pieces."""
    reading, writing = os.pipe()
    with open(reading) as stdin, open(writing, "wb", buffering=0) as pipe:
        monkeypatch.setattr("sys.stdin", stdin)
        chunks = read_stdin("tweets")
        pipe.write(tweet("a") + b"\n" + tweet("b")[:9])
        assert [m.key for m in next(chunks)] == [b"a"]
        pipe.write(tweet("b")[9:] + b"\n" + tweet("c"))
        assert [m.key for m in next(chunks)] == [b"b"]
        pipe.close()
        assert [m.key for chunk in chunks for m in chunk] == [b"c"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"id,tweet\n1,x\n", "no column text"),
        ("a.csv", b"", "no column id and no column text"),
        ("a.csv", b"id,text\n1,\xff\n", "UTF-8"),
        ("a.xml", b"", "neither .csv nor .jsonl"),
        ("b.csv", None, "cannot read"),
        ("b.jsonl", None, "cannot read"),
    ],
)
def test_an_invalid_file_is_an_error(name: str, content: bytes | None, message: str, tmp_path: Path) -> None:
    """The message says what is wrong with the file."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        list(read_messages(str(tmp_path / name), "tweets"))
