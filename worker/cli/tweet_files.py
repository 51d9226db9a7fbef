"""Files of tweets, read as the messages that a producer sends."""

import csv
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError

from schemas import Tweet
from worker.errors import DataError
from worker.types import Message

REQUIRED_COLUMNS = ("id", "text")
STDIN = "-"
_READ_BYTES = 256 * 1024


def read_messages(path: str, topic: str) -> Iterator[Message]:
    """Yield a message for each tweet of a .csv file with the columns id and text, or of a .jsonl file.

    A line of a .jsonl file is published as it is, even if it is not a tweet: the worker dead-letters it.

    Raises:
        DataError: the file cannot be read, is of another kind, or lacks a column.

    """
    suffix = Path(path).suffix.lower()
    if suffix == ".csv":
        yield from _rows(Path(path), topic)
    elif suffix in {".jsonl", ".ndjson"}:
        yield from _file_of_lines(Path(path), topic)
    else:
        raise DataError(f"{path} is neither .csv nor .jsonl: rename it to match its content")


def read_stdin(topic: str) -> Iterator[list[Message]]:
    """Yield lists of messages, one for each line of JSON that standard input has so far: no line waits for the next."""
    rest = b""
    while data := os.read(sys.stdin.fileno(), _READ_BYTES):
        *lines, rest = (rest + data).split(b"\n")
        yield list(_lines(lines, topic))
    yield list(_lines([rest], topic))


def _file_of_lines(path: Path, topic: str) -> Iterator[Message]:
    try:
        with path.open("rb") as lines:
            yield from _lines(lines, topic)
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error


def _lines(lines: Iterable[bytes], topic: str) -> Iterator[Message]:
    for line in lines:
        if value := line.strip():
            yield Message(topic, _key(value), value)


def _key(value: bytes) -> bytes | None:
    try:
        return str(Tweet.model_validate_json(value).id).encode()
    except ValidationError:
        return None


def _rows(path: Path, topic: str) -> Iterator[Message]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            missing = [name for name in REQUIRED_COLUMNS if name not in (rows.fieldnames or ())]
            if missing:
                raise DataError(f"{path} has no column {' and no column '.join(missing)}; it has {rows.fieldnames}")
            for row in rows:
                yield tweet_message({k: v for k, v in row.items() if k in Tweet.model_fields and v}, topic)
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} is not a CSV file in UTF-8: {error}") from error


def tweet_message(tweet: Mapping[str, object], topic: str) -> Message:
    """Return a tweet as a producer sends it: JSON, with its id as the key, so that a tweet's versions stay in order."""
    return Message(topic, str(tweet.get("id", "")).encode(), json.dumps(tweet, ensure_ascii=False).encode())
