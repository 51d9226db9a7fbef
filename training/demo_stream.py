"""What the demo plays: the held-out tweets with their truth, and others without, to make a stream."""

import random
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, StrictInt

from training.data.dataset import Dataset, Split, split, targets_of, texts_of

LEAST = 2000
_SEED = 42


class StreamTweet(BaseModel):
    """A tweet of the stream; `target` is there where the cascade was not trained on it."""

    id: StrictInt
    text: str
    target: int | None = None


class StreamFile(BaseModel):
    """The tweets to play, and what the data that they are from is called."""

    data: str
    tweets: list[StreamTweet]


def build_stream(dataset: Dataset, trained_on: str) -> StreamFile:
    """Return at least 2,000 tweets: the held-out ones and Kaggle's test.csv; without that, the training ones.

    Fewer are repeated; every tweet has an id of its own. A held-out tweet whose text is also a training tweet's
    (the data has some twice) carries no truth: the cascade has seen it. Of other data than it was trained on, it is
    not known what it has seen, and no tweet carries its truth.

    Args:
        dataset: what to play.
        trained_on: checksum of the data that the cascade was trained on.

    """
    parts = split(dataset.labelled)
    others = parts.train if dataset.unlabelled is None else dataset.unlabelled
    held_out = _held_out(parts, known=trained_on == dataset.sha256)
    once = [*held_out, *((text, None) for text in texts_of(others))]
    repeated = once * -(-LEAST // len(once))
    random.Random(_SEED).shuffle(repeated)  # noqa: S311 (an order, not a secret)
    tweets = [StreamTweet(id=n, text=text, target=target) for n, (text, target) in enumerate(repeated, 1)]
    return StreamFile(data=dataset.name, tweets=tweets)


def _held_out(parts: Split, *, known: bool) -> Iterator[tuple[str, int | None]]:
    """Yield the held-out texts, with their truth where it is known that the cascade has not seen them."""
    seen = set(texts_of(parts.train))
    for text, target in zip(texts_of(parts.held_out), targets_of(parts.held_out).tolist(), strict=True):
        yield text, target if known and text not in seen else None


def write_stream(dataset: Dataset, trained_on: str, path: Path) -> None:
    """Write the stream for the demo to read."""
    path.write_text(build_stream(dataset, trained_on).model_dump_json(), encoding="utf-8")
