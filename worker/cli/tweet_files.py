"""Files of tweets, read as the messages that a producer sends."""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from worker.errors import DataError
from worker.files.bad_rows import BadRows
from worker.files.ids import looks_rounded, rounded_remark
from worker.files.json_entries import read_entry
from worker.files.tables import find_format
from worker.files.tweets import TweetColumns, read_tweets
from worker.files.types import BadRow, Entry, OnBadRow
from worker.formats.reader import RecordReader
from worker.stream.codec import decode
from worker.types import Message, Record, TweetStruct

STDIN = "-"
_READ_BYTES = 256 * 1024
_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class FileSettings:
    """What the user says of a file; None leaves it to the known names and to detection."""

    columns: TweetColumns = field(default_factory=TweetColumns)
    encoding: str | None = None
    on_bad_row: OnBadRow = "refuse"
    reader: RecordReader = field(default_factory=RecordReader)
    """Finds the tweet in JSON, as the worker will."""


_FORMAT = "records of a format of your own: set CASCADE_TEXT_FIELD, as for the worker"


class MessageFile:
    """A file of tweets as messages.

    Attributes:
        tweets: the messages of the last reading that are tweets.
        others: the published entries of JSON that are none.
        rounded: the ids that a spreadsheet has rounded.
        first_other: where the first one is, and what is wrong with it.
        bad: the rows that were left out.

    """

    def __init__(self, path: Path, settings: FileSettings | None = None) -> None:
        """Find out what the file is; raises a DataError if it cannot be read."""
        self._settings = settings or FileSettings()
        self._file = find_format(path, self._settings.encoding)
        self.first_other = ""
        self.tweets = self.others = self.rounded = 0
        self.bad = BadRows(path, self._settings.on_bad_row)

    def messages(self, topic: str) -> Iterator[Message]:
        """Yield the file's messages.

        An entry of JSON is published as it is, even if it is not a tweet: the worker dead-letters it. Bad rows of a
        table, and with `skip` such entries, are left out.

        Raises:
            DataError: the file cannot be read, or a row is bad and not to be skipped.

        """
        self.tweets = self.others = self.rounded = 0
        self.bad.found.clear()
        yield from self._of_json(topic) if self._file.kind == "json" else self._of_table(topic)

    def check(self) -> int:
        """Read the whole file; return the number of its messages.

        Raises:
            DataError: the file cannot be read, or nothing in it is a tweet.

        """
        count = sum(1 for _ in self.messages(""))
        if count and not self.tweets:
            raise DataError(f"{self._file.path}: none of {count:,} entries is a tweet: {self.first_other}; {_FORMAT}")
        return count

    def _of_json(self, topic: str) -> Iterator[Message]:
        for entry in self._file.entries():
            message, wrong = _message(entry, topic, self._settings.reader)
            if wrong and self._settings.on_bad_row == "skip":
                self.bad.add(BadRow(entry.line, wrong))
                continue
            if wrong:
                self.first_other = self.first_other or f"line {entry.line}: {wrong}"
            self.tweets, self.others = self.tweets + (not wrong), self.others + bool(wrong)
            yield message

    def _of_table(self, topic: str) -> Iterator[Message]:
        for tweet in read_tweets(self._file, self._settings.columns):
            if isinstance(tweet, BadRow):
                self.bad.add(tweet)
            else:
                self.tweets += 1
                self.rounded += looks_rounded(tweet.get("id", ""))
                yield tweet_message(tweet, topic)

    def remarks(self) -> Iterator[str]:
        """Yield what to say to the user of the last reading."""
        if self._file.remark:
            yield self._file.remark
        yield from self.bad.remarks()
        if self.others:
            found = f"{self.others:,} of {self.others + self.tweets:,} entries are not tweets"
            yield f"{self._file.path}: {found}, the worker makes them dead letters: {self.first_other}"
        if self.rounded:
            yield rounded_remark(self._file.path, self.rounded)


class MessageLines:
    """Lines of JSON from standard input as messages; `tweets` and `others` count them."""

    def __init__(self, reader: RecordReader) -> None:
        self._reader, self.first_other = reader, ""
        self.tweets = self.others = 0

    def messages(self, topic: str) -> Iterator[list[Message]]:
        """Yield lists of messages, one for each line that there is so far: no line waits for the next."""
        rest, number = b"", 0
        while data := os.read(sys.stdin.fileno(), _READ_BYTES):
            *lines, rest = (rest + data).split(b"\n")
            if not number and lines:
                lines[0] = lines[0].removeprefix(_MARK)
            yield list(self._of_lines(lines, topic))
            number += len(lines)
        yield list(self._of_lines([rest if number else rest.removeprefix(_MARK)], topic))

    def _of_lines(self, lines: Iterable[bytes], topic: str) -> Iterator[Message]:
        for line in lines:
            for entry in read_entry(0, line.decode("utf-8", "surrogateescape")):
                message, wrong = _message(entry, topic, self._reader)
                self.tweets, self.others = self.tweets + (not wrong), self.others + bool(wrong)
                self.first_other = self.first_other or wrong
                yield message


def read_messages(path: str, topic: str) -> Iterator[Message]:
    """Yield a message for each tweet of a file.

    Raises:
        DataError: the file cannot be read, or a row is bad.

    """
    return MessageFile(Path(path)).messages(topic)


def _message(entry: Entry, topic: str, reader: RecordReader) -> tuple[Message, str]:
    """Return an entry as a message, its key the tweet's id, and why it is not a tweet."""
    found = decode(Record(topic, 0, 0, -1, None, entry.raw), reader)
    if not isinstance(found, TweetStruct):
        return Message(topic, None, entry.raw), entry.why or getattr(found, "error", f"{found} holds no text")
    key = None if found.id == f"{topic}-0-0" else str(found.id).encode()
    return Message(topic, key, entry.raw), ""


def tweet_message(tweet: Mapping[str, object], topic: str) -> Message:
    """Return a tweet as a producer sends it: JSON, with its id as the key, so that a tweet's versions stay in order."""
    key = str(tweet["id"]).encode() if "id" in tweet else None
    return Message(topic, key, json.dumps(tweet, ensure_ascii=False).encode())
