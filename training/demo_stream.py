"""Streams of tweets for a try: the demo's, and the tweets that a cascade was not trained on."""

import random
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from pydantic import BaseModel, StrictInt

from training.data.dataset import SAMPLE, Dataset, Split, read_tweets, split, targets_of, texts_of

LEAST = 2000
_SEED = 42
_UNSEEN_ROWS = 10_000


class StreamTweet(BaseModel):
    """A tweet of the stream; `target` is set only if the cascade was not trained on the tweet."""

    id: StrictInt
    text: str
    target: int | None = None


class StreamFile(BaseModel):
    """The tweets to play, and the name of their data set."""

    data: str
    tweets: list[StreamTweet]


def build_stream(dataset: Dataset, trained_on: str) -> StreamFile:
    """Return at least 2,000 tweets: the held-out part and test.csv, or the training part if there is no test.csv.

    Fewer tweets are repeated; every tweet has its own id. A held-out tweet has no target if a training tweet has the
    same text (Kaggle's data has duplicates): the cascade has seen it. If the cascade was trained on other data, it is
    unknown what it has seen, and no tweet has a target.

    Args:
        dataset: the data to play.
        trained_on: SHA-256 of the data that the cascade was trained on.

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
    """Yield the held-out texts, with their targets if the cascade is known not to have seen them."""
    seen = set(texts_of(parts.train))
    for text, target in zip(texts_of(parts.held_out), targets_of(parts.held_out).tolist(), strict=True):
        yield text, target if known and text not in seen else None


def write_stream(dataset: Dataset, trained_on: str, path: Path) -> None:
    """Write the stream as JSON for the demo."""
    path.write_text(build_stream(dataset, trained_on).model_dump_json(), encoding="utf-8")


def unseen_texts(dataset: Dataset) -> list[str]:
    """Return tweets that a cascade of this data was not trained on, each once.

    They are the held-out part and test.csv, for the sample its file of further tweets. A stream of training tweets
    would look like drift: the first stage is surer of them than of any others.
    """
    parts = split(dataset.labelled)
    others = read_tweets(SAMPLE / "stream.csv") if dataset.name == "sample" else dataset.unlabelled
    found = [*texts_of(parts.held_out), *([] if others is None else texts_of(others))]
    trained_on = set(texts_of(parts.train))
    return [text for text in dict.fromkeys(found) if text not in trained_on]


def write_unseen(dataset: Dataset, path: Path) -> None:
    """Write the unseen tweets as a .csv file that `python -m worker produce` reads, at least 10,000 rows.

    Fewer tweets are repeated under other ids. The id is a record's key: with an id of its own each copy may go to
    another partition, so that every worker sees all of the tweets.
    """
    once = unseen_texts(dataset)
    texts = once * -(-_UNSEEN_ROWS // len(once))
    random.Random(_SEED).shuffle(texts)  # noqa: S311 (an order, not a secret)
    pd.DataFrame({"id": range(1, len(texts) + 1), "text": texts}).to_csv(path, index=False)
