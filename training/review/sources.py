"""Tweets to pick from: files of tweets, or the labelled topic, as records or as a file of JSON lines."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from schemas import CLASSES, ClassNames
from training.data.dataset import tweet_frame
from training.data.groups import DEFAULT_COLUMNS
from training.data.label_columns import LabelSettings
from training.data.labelled_files import read_tweet_file
from training.review.labelling import Labelled
from worker.errors import DataError
from worker.files.bad_rows import BadRows, text_fault
from worker.files.columns import known_columns
from worker.files.tables import TweetFile, find_format
from worker.files.types import BadRow, Json

_OF_LABELS = {"id", "probability", "target", "stage", "model_version"}
_NO_TEXT = "the labels have no text: run the worker with --copy-field text, which carries it along"


class StreamTweet(NamedTuple):
    """A tweet, and what its label says, if it has one."""

    id: str
    text: str
    groups: Mapping[str, str]
    """Its values in columns that group tweets, such as `event`."""
    probability: float | None = None
    """P(disaster), as published."""
    stage: str = ""
    """That decided."""
    named: tuple[int, str] | None = None
    """The label's target and the name of its class."""


@dataclass(frozen=True)
class Tweets:
    """Tweets of a stream."""

    rows: list[StreamTweet]
    remarks: list[str]
    """What to say to the user of how they were read."""

    @property
    def texts(self) -> list[str]:
        """The texts, shape (n,)."""
        return [row.text for row in self.rows]

    @property
    def group_columns(self) -> tuple[str, ...]:
        """Columns that group at least one of the tweets."""
        return tuple(name for name in DEFAULT_COLUMNS if any(name in row.groups for row in self.rows))

    @property
    def classes(self) -> ClassNames:
        """Names of the targets 0 and 1, as the labels have them; one that no label has is called by what it is not."""
        names = dict(row.named for row in self.rows if row.named)
        if not set(names.values()) - set(CLASSES):
            return CLASSES
        return (names.get(0) or f"not_{names[1]}", names.get(1) or f"not_{names[0]}")

    @property
    def published(self) -> Labelled | None:
        """What the labels say; None where not all tweets have one. They do not say what the last stage would."""
        p = [row.probability for row in self.rows if row.probability is not None]
        if len(p) < len(self.rows):
            return None
        return Labelled(np.array(p), [row.stage for row in self.rows], np.zeros(len(p), dtype=np.bool_), None)


def read_files(paths: Sequence[Path], settings: LabelSettings) -> Tweets:
    """Read files of tweets, or of labels as the topic has them.

    Raises:
        DataError: a file cannot be read, has a bad row, or labels without texts.
        SettingError: the encoding is not known.

    """
    rows, remarks = list[StreamTweet](), list[str]()
    for path in paths:
        file = find_format(path, settings.encoding)
        found, said = _labels(file, settings) if _holds_labels(file) else _tweets(path, settings)
        named = {"file": path.name} if len(paths) > 1 else {}
        rows += [row._replace(groups={**row.groups, **named}) for row in found]
        remarks += said
    return Tweets(rows, remarks)


def read_values(values: Iterable[bytes | None], topic: str) -> Tweets:
    """Read the values of the labelled topic's records; those that are not labels are left out and counted.

    Raises:
        DataError: no record is a label, or the labels have no text.

    """
    rows, others = list[StreamTweet](), 0
    for value in values:
        found = _of_label(_parsed(value or b""))
        if found == _NO_TEXT:
            raise DataError(f"{topic}: {found}")
        if isinstance(found, str):
            others += 1
        else:
            rows.append(found)
    if not rows:
        raise DataError(f"{topic} has no labels: is it the topic that the worker writes to (--output-topic)?")
    return Tweets(rows, [f"{topic}: {others:,} records are left out, which are not labels"] if others else [])


def _parsed(value: bytes) -> Json:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _holds_labels(file: TweetFile) -> bool:
    first = next(file.entries(), None) if file.kind == "json" else None
    return first is not None and isinstance(first.value, dict) and first.value.keys() >= _OF_LABELS


def _labels(file: TweetFile, settings: LabelSettings) -> tuple[list[StreamTweet], list[str]]:
    bad = BadRows(file.path, settings.on_bad_row)
    rows = list(_good_labels(file, bad))
    if not rows:
        raise DataError(f"{file.path} has no row that can be read: {bad.found[0].why}")
    return rows, bad.remarks()


def _good_labels(file: TweetFile, bad: BadRows) -> Iterator[StreamTweet]:
    for entry in file.entries():
        found = entry.why or _of_label(entry.value)
        if found == _NO_TEXT:
            raise DataError(f"{file.path}, line {entry.line}: {found}")
        if isinstance(found, str):
            bad.add(BadRow(entry.line, found))
        else:
            yield found


def _of_label(value: Json) -> StreamTweet | str:
    """Return the tweet of a label, or why there is none."""
    if not isinstance(value, dict) or not value.keys() >= _OF_LABELS:
        return "the entry is not a label"
    carried: dict[str, Json] = value["input"] if isinstance(value.get("input"), dict) else {}
    text = next((carried[name] for name in known_columns(list(carried), "text")), None)
    if not isinstance(text, str):
        return _NO_TEXT
    probability = value["probability"]
    if not isinstance(probability, int | float) or not 0 <= probability <= 1:
        return f"the label's probability is {probability!r}, not a number from 0 to 1"
    groups = {name: str(carried[name] or "") for name in DEFAULT_COLUMNS if name in carried}
    named = (int(value["target"] == 1), str(value.get("label", "")))
    id_, stage = str(value["id"]), str(value["stage"])
    return text_fault(text) or StreamTweet(id_, text, groups, float(probability), stage, named)


def _tweets(path: Path, settings: LabelSettings) -> tuple[list[StreamTweet], list[str]]:
    file = read_tweet_file(path, settings)
    frame = tweet_frame(file)
    columns = {name: frame[name].tolist() for name in DEFAULT_COLUMNS if name in frame}
    rows = [
        StreamTweet(id_, text, {name: values[n] for name, values in columns.items()})
        for n, (id_, text) in enumerate(zip(file.ids, file.texts, strict=True))
    ]
    return rows, file.remarks
