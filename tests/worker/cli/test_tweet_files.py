"""Files of tweets."""

import json
import os
from pathlib import Path

import pytest

from tests.helpers import tweet
from tests.worker.files.examples import EXAMPLES, FLAT, FLAT_EXAMPLES, ROWS
from tests.worker.files.test_json_entries import PAGE
from worker.cli.tweet_files import FileSettings, MessageFile, MessageLines, read_messages
from worker.errors import DataError
from worker.files.tweets import TweetColumns
from worker.formats.reader import RecordReader
from worker.stream.codec import decode
from worker.types import Record, TweetStruct


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
        chunks = MessageLines(RecordReader()).messages("tweets")
        pipe.write(tweet("a") + b"\n" + tweet("b")[:9])
        assert [m.key for m in next(chunks)] == [b"a"]
        pipe.write(tweet("b")[9:] + b"\n" + tweet("c"))
        assert [m.key for m in next(chunks)] == [b"b"]
        pipe.close()
        assert [m.key for chunk in chunks for m in chunk] == [b"c"]


def test_a_byte_order_mark_on_standard_input_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first tweet of a file that a pipe brings is a tweet; what is none is counted."""
    reading, writing = os.pipe()
    with open(reading) as stdin, open(writing, "wb", buffering=0) as pipe:
        monkeypatch.setattr("sys.stdin", stdin)
        pipe.write(b"\xef\xbb\xbf" + tweet("a") + b"\nbad\n")
        pipe.close()
        lines = MessageLines(RecordReader())
        assert [m.key for chunk in lines.messages("tweets") for m in chunk] == [b"a", None]
    assert (lines.tweets, lines.others, lines.first_other[:8]) == (1, 1, "not JSON")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "a.csv",
            b"id,body\n1,x\n",
            "a.csv, line 1: no column has a known name for the text; the columns are id, body;"
            " try: python -m worker produce FILE --text-column NAME",
        ),
        ("a.csv", b"", "a.csv is empty"),
        ("a.csv", b"id,text,text\n1,x,y\n", "two columns are called 'text'"),
        ("a.csv", b"id,text\n11,Storm, roofs gone\n", "a.csv, line 2: the row has 3 fields, the header 2"),
        ("a.csv", b'id,text\n11,"Storm\n12,Flood\n', "a.csv, line 2: the row that begins here is not CSV"),
        ("a.csv", b"id,text\n11,Storm\rroofs\n", "a.csv, line 3: the row has 1 fields"),
        ("a.csv", b"id,text\n11,\n", "a.csv, line 2: the row has no text (--on-bad-row skip leaves such rows out)"),
        ("a.csv", b"id,text\n ,fire\n", "a.csv, line 2: the row has no id"),
        ("a.csv", b"id,text\n1," + b"a" * 25_001, "line 2: the text has 25,001 characters"),
        ("a.csv", "id,text\n1,café\n2,naïve\n".encode() + b"3,caf\xe9\n", "line 4: byte 0xe9 is not UTF-8"),
        ("a.xml", b"<a/>", "no column has a known name for the text; the columns are <a/>"),
        ("b.csv", None, "cannot read"),
        ("b.jsonl", None, "cannot read"),
    ],
)
def test_an_invalid_file_is_an_error(name: str, content: bytes | None, message: str, tmp_path: Path) -> None:
    """The message says what is wrong with the file."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as refused:
        list(read_messages(str(tmp_path / name), "tweets"))
    assert message in str(refused.value)


@pytest.mark.parametrize("name", [*EXAMPLES, *FLAT_EXAMPLES])
def test_every_kind_of_file_is_published(name: str, tmp_path: Path) -> None:
    """Each message is a tweet in UTF-8 under its id, whatever the file was."""
    (tmp_path / name).write_bytes((EXAMPLES | FLAT_EXAMPLES)[name])
    file = MessageFile(tmp_path / name)
    assert file.check() == file.tweets == 2
    expected = ROWS if name in EXAMPLES else FLAT
    messages = list(file.messages("tweets"))
    assert [m.key for m in messages] == [b"11", b"12"]
    assert [json.loads(m.value or b"")["text"] for m in messages] == [text for _, text, _ in expected]


def test_pages_of_posts_are_published_post_by_post(tmp_path: Path) -> None:
    """Twarc writes a page of X's API a line; the worker gets what the stream would send."""
    path = tmp_path / "twarc.jsonl"
    path.write_text(json.dumps(PAGE) + "\n")
    messages = list(MessageFile(path).messages("tweets"))
    tweets = [decode(Record("tweets", 0, 0, -1, m.key, m.value)) for m in messages]
    assert [m.key for m in messages] == [b"1", b"2"]
    assert [t.text for t in tweets if isinstance(t, TweetStruct)] == ["Storm over the bay", "the whole text"]


def test_entries_that_are_not_tweets_are_counted(tmp_path: Path) -> None:
    """They are published by default, for the dead letters, and left out with `skip`; the first one is shown."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"id": 5, "text": "a"}\nbad\n{"id": 6}\n')
    file = MessageFile(path)
    assert (file.check(), file.tweets, file.others) == (3, 1, 2)
    [remark] = file.remarks()
    assert "2 of 3 entries are not tweets, the worker makes them dead letters: line 2: not JSON" in remark
    skipping = MessageFile(path, FileSettings(on_bad_row="skip"))
    assert (skipping.check(), skipping.others) == (1, 0)
    assert next(iter(skipping.remarks())) == f"{path}: 2 bad rows are left out"


@pytest.mark.parametrize("content", [b"bad\n", b'{"id": 1}\n[2]\n', b'{"meta": {"result_count": 0}}'])
def test_a_file_without_any_tweet_is_refused(content: bytes, tmp_path: Path) -> None:
    """It would fill the dead letters; the message says what is wrong with the first entry, and about other formats."""
    (tmp_path / "a.jsonl").write_bytes(content)
    with pytest.raises(DataError, match=r"none of \d entries is a tweet: line 1: .*CASCADE_TEXT_FIELD"):
        MessageFile(tmp_path / "a.jsonl").check()


def test_other_columns_are_named_and_bad_rows_skipped(tmp_path: Path) -> None:
    """The rows that are left out are counted and the first ones shown, with their lines."""
    path = tmp_path / "export.csv"
    path.write_text("nr,Message,lang\n1,fire,en\n2,a,b,c\n3,,en\n4,rain,\n" + "5,\n" * 5)
    file = MessageFile(path, FileSettings(TweetColumns("message", "nr"), on_bad_row="skip"))
    assert [(m.key, m.value) for m in file.messages("t")] == [
        (b"1", b'{"lang": "en", "text": "fire", "id": "1"}'), (b"4", b'{"text": "rain", "id": "4"}'),
    ]  # fmt: skip
    first, *shown = file.remarks()
    assert first == f"{path}: 7 bad rows are left out"
    assert shown[0].startswith("  line 3: the row has 4 fields")
    assert shown[1:2] == ["  line 4: the row has no text"]
    assert shown[-1] == "  and 2 more"


def test_a_table_without_ids_has_messages_without(tmp_path: Path) -> None:
    """The worker gives them ids of their own."""
    (tmp_path / "a.csv").write_text("text\nfire\n")
    [message] = read_messages(str(tmp_path / "a.csv"), "t")
    assert (message.key, message.value) == (None, b'{"text": "fire"}')


def test_rounded_ids_are_remarked_on(tmp_path: Path) -> None:
    """A spreadsheet keeps 15 digits of an id, and different tweets get the same."""
    (tmp_path / "a.csv").write_text("id,text\n1.25018E+18,fire\n1.25018E+18,rain\n7,sun\n")
    file = MessageFile(tmp_path / "a.csv")
    assert file.check() == 3
    [remark] = file.remarks()
    assert "a spreadsheet has rounded 2 ids" in remark
