"""Which tweets a person looks at, why, and with what probability. Pure.

A random share comes first, drawn from all distinct tweets, whatever the cascade says of them: its accuracy estimates
that of the stream without bias. The others are chosen from the rest. Most of them are spread: tweets at the centers of
clusters, so that each kind of tweet of the stream is among them (as in Hacohen, Dekel and Weinshall 2022, "Active
learning on a budget"). Tweets at the boundary alone teach less than random ones; `docs/review.md` has the figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeAlias, get_args

import numpy as np

from training.data.duplicates import Groups
from training.review.spread import Vectors, spread
from worker.cascade.calibration import log_odds
from worker.types import Bools, Floats, Ints

Reason = Literal["random", "overruled", "boundary", "unknown", "spread"]
Shares: TypeAlias = Mapping[Reason, float]
REASONS: tuple[Reason, ...] = get_args(Reason)
DEFAULT_SHARES: Shares = MappingProxyType(
    {"random": 0.25, "overruled": 0.05, "boundary": 0.05, "unknown": 0.05, "spread": 0.6}
)


class Pick(NamedTuple):
    """A tweet to look at."""

    row: int
    reason: Reason
    probability: float
    """With which the reason picks the tweet: the random share's part of all distinct tweets, 1 for other reasons."""
    copies: int
    """Tweets of the stream that it stands for: itself and its near-duplicates."""


@dataclass(frozen=True)
class Candidates:
    """What is known of n tweets."""

    probability: Floats
    """P(disaster) by the stage that decided, shape (n,)."""
    overruled: Bools
    """Whether the last stage has another label than the earlier one that decided, shape (n,)."""
    known: Floats | None
    """Share of the words that the first stage knows, shape (n,); None where it cannot say."""
    vectors: Vectors
    """Shape (n, d): similar tweets are near each other."""
    duplicates: Groups
    """Near-duplicates have the same number, shape (n,)."""


def pick(candidates: Candidates, number: int, shares: Shares, seed: int) -> list[Pick]:
    """Return tweets to look at in a random order, one of each group of near-duplicates.

    What a reason has no tweets for is spread.

    Args:
        candidates: the tweets.
        number: of tweets to pick; of fewer distinct tweets, all.
        shares: of the reasons; they add up to 1.
        seed: of the draws.

    """
    draw = np.random.default_rng(seed)
    distinct = _one_of_each(candidates.duplicates, draw)
    number = min(number, len(distinct))
    drawn = draw.permutation(distinct)[: round(shares.get("random", 0) * number)]
    taken: dict[int, Reason] = dict.fromkeys(drawn.tolist(), "random")
    for reason, ranked in _ranked(candidates, draw.permutation(distinct)):
        left = [row for row in ranked.tolist() if row not in taken]
        wanted = min(round(shares.get(reason, 0) * number), number - len(taken))
        taken |= dict.fromkeys(left[:wanted], reason)
    rest = np.setdiff1d(distinct, [*taken])
    spread_out = spread(candidates.vectors, rest, number - len(taken), seed)
    taken |= dict.fromkeys(spread_out.tolist(), "spread")
    copies = np.bincount(candidates.duplicates)[candidates.duplicates]
    chance = len(drawn) / max(1, len(distinct))
    picked = [Pick(row, why, chance if why == "random" else 1.0, int(copies[row])) for row, why in taken.items()]
    return [picked[n] for n in draw.permutation(len(picked))]


def _one_of_each(groups: Groups, draw: np.random.Generator) -> Ints:
    """Return a random member of each group."""
    order = draw.permutation(len(groups))
    return np.sort(order[np.unique(groups[order], return_index=True)[1]])


def _ranked(candidates: Candidates, rows: Ints) -> Sequence[tuple[Reason, Ints]]:
    """Return for each reason the rows that it picks from, the first one first; ties in the order that they have."""
    certain = np.abs(log_odds(candidates.probability[rows]))
    by_certainty = np.argsort(certain, kind="stable")
    overruled = by_certainty[::-1][candidates.overruled[rows][by_certainty[::-1]]]
    unknown = np.argsort(candidates.known[rows], kind="stable") if candidates.known is not None else rows[:0]
    return [("overruled", rows[overruled]), ("boundary", rows[by_certainty]), ("unknown", rows[unknown])]
