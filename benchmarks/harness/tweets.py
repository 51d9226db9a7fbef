"""The tweets that a benchmark sends, and the targets of those that no model was trained on."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from worker.errors import DataError

_SEED = 42


@dataclass(frozen=True)
class Pool:
    """Texts that are sent over and over.

    Attributes:
        name: description for people.
        texts: texts with a known target come first, so that a slow system is scored too.
        targets: 0 or 1 for the first texts; the others have none.
        sha256: checksum of the data, to compare with the artifact's training data; empty for a file.

    """

    name: str
    texts: list[str]
    targets: list[int]
    sha256: str = ""

    @cached_property
    def _bodies(self) -> list[str]:
        return [json.dumps(text, ensure_ascii=False) for text in self.texts]

    def records(self, count: int) -> Iterator[tuple[bytes, bytes]]:
        """Yield keys and values of `count` tweets; their ids are 0, 1, 2, ..."""
        size = len(self.texts)
        for n in range(count):
            yield b"%d" % n, f'{{"id": {n}, "text": {self._bodies[n % size]}}}'.encode()

    def truth(self, number: int) -> tuple[int, int] | None:
        """Return the index of the text of the tweet with this id, and its target; None if the target is not known."""
        index = number % len(self.texts)
        return (index, self.targets[index]) if index < len(self.targets) else None

    def labelled(self) -> "Pool":
        """Return the texts whose target is known.

        Raises:
            DataError: there are none.

        """
        if not self.targets:
            raise DataError(f"{self.name}: none has a target; give a .csv with the column target to --tweets")
        return Pool(self.name, self.texts[: len(self.targets)], self.targets, self.sha256)

    def save(self, path: Path) -> None:
        """Write the pool as JSON, for another process."""
        path.write_text(json.dumps([self.name, self.texts, self.targets, self.sha256]), encoding="utf-8")

    @staticmethod
    def load(path: Path) -> "Pool":
        """Read a pool that `save` wrote."""
        return Pool(*json.loads(path.read_text(encoding="utf-8")))


def read_pool(file: Path | None = None) -> Pool:
    """Read the tweets of a file, or those of the training data: the held-out ones, and Kaggle's unlabelled ones.

    Raises:
        DataError: the file or the data cannot be read.

    """
    return _of_file(file) if file else _of_dataset()


def _of_file(file: Path) -> Pool:
    from training.data.dataset import load_files, read_tweets, targets_of, texts_of
    from training.data.label_columns import LabelSettings

    tweets = read_tweets(file)
    has_targets = "target" in tweets
    targets = targets_of(load_files([file], LabelSettings()).labelled).tolist() if has_targets else []
    return Pool(f"{len(tweets):,} tweets of {file}", texts_of(tweets), targets)


def _of_dataset() -> Pool:
    from training.data.dataset import find_dataset, split, targets_of, texts_of

    dataset = find_dataset()
    parts = split(dataset.labelled)
    others = parts.train if dataset.unlabelled is None else dataset.unlabelled
    kind = "training tweets, unscored" if dataset.unlabelled is None else "unlabelled tweets"
    rest = texts_of(others)
    random.Random(_SEED).shuffle(rest)  # noqa: S311 (an order, not a secret)
    name = f"{len(parts.held_out):,} held-out tweets and {len(rest):,} {kind} ({dataset.name})"
    return Pool(name, texts_of(parts.held_out) + rest, targets_of(parts.held_out).tolist(), dataset.sha256)
