"""Labelled rows in any number: a file's own, and further ones made of them."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

_REPLACED = 0.45  # share of a text's words


class Row(NamedTuple):
    """A labelled text of a group."""

    group: str
    text: str
    target: int


def draw_rows(rows: list[Row], number: int, seed: int = 0) -> list[Row]:
    """Return this many rows: the given ones in another order, then rows made of them.

    A made row has the words of a given one in another order, almost half of them replaced by words of other rows: it
    resembles no other row, its words occur as often as before, and its label is half noise.
    """
    draw = np.random.default_rng(seed)
    kept = [rows[i] for i in draw.permutation(len(rows))[:number]]
    return [*kept, *_made(kept, number - len(kept), draw)]


def _made(rows: list[Row], number: int, draw: np.random.Generator) -> Iterator[Row]:
    words = np.array([word for row in rows for word in row.text.split()])
    for i in draw.integers(len(rows), size=max(0, number)):
        own = draw.permutation(np.array(rows[i].text.split(), dtype=words.dtype))
        replaced = draw.random(len(own)) < _REPLACED
        own[replaced] = draw.choice(words, replaced.sum())
        yield rows[i]._replace(text=" ".join(own), group=f"{rows[i].group} {draw.integers(5)}")


def as_frame(rows: list[Row]) -> pd.DataFrame:
    """Return the rows as `training fit` reads them, with the groups as events."""
    table = pd.DataFrame(rows, columns=["event", "text", "target"])
    return table.assign(id=np.arange(len(rows)))[["id", "event", "text", "target"]]
