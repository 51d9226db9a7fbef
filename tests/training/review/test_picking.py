"""Which tweets are picked, why, and with what probability."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.review.picking import DEFAULT_SHARES, REASONS, Candidates, Reason, Shares, pick
from training.review.spread import spread


def candidates(tweets: int, groups: int, seed: int, *, words: bool = True) -> Candidates:
    """Return candidates of which several are near-duplicates of each other."""
    draw = np.random.default_rng(seed)
    return Candidates(
        probability=draw.random(tweets),
        overruled=draw.random(tweets) < 0.2,
        known=draw.random(tweets) if words else None,
        vectors=draw.normal(size=(tweets, 4)),
        duplicates=draw.integers(0, groups, tweets),
    )


@settings(max_examples=40, deadline=None)
@given(
    tweets=st.integers(1, 80), groups=st.integers(1, 80), number=st.integers(1, 100), seed=st.integers(0, 2**32 - 1),
    parts=st.lists(st.integers(0, 10), min_size=5, max_size=5).filter(any), words=st.booleans(),
)  # fmt: skip
def test_near_duplicates_are_picked_once(
    tweets: int, groups: int, number: int, seed: int, parts: list[int], words: bool
) -> None:
    """As many as wanted are picked, or all distinct tweets, one of each group, with how many it stands for."""
    found = candidates(tweets, groups, seed, words=words)
    shares: Shares = {reason: part / sum(parts) for reason, part in zip(REASONS, parts, strict=True)}
    picked = pick(found, number, shares, seed)
    distinct = np.unique(found.duplicates)
    chosen = found.duplicates[[one.row for one in picked]]
    assert len(picked) == min(number, len(distinct))
    assert len(set(chosen.tolist())) == len(picked)
    assert [one.copies for one in picked] == [int((found.duplicates == group).sum()) for group in chosen]
    random = [one for one in picked if one.reason == "random"]
    assert len(random) == round(shares["random"] * min(number, len(distinct)))
    assert all(one.probability == len(random) / len(distinct) for one in random)
    assert all(one.probability == 1 for one in picked if one.reason != "random")
    assert all(found.overruled[one.row] for one in picked if one.reason == "overruled")
    assert words or all(one.reason != "unknown" for one in picked)


def test_the_random_share_is_not_biased() -> None:
    """Each distinct tweet is drawn as often as its probability says, whatever the cascade says of it."""
    found = candidates(60, 40, seed=1)
    distinct, drawn, reviews = np.unique(found.duplicates), Counter[int](), 3000
    for seed in range(reviews):
        rows = [one.row for one in pick(found, 20, {"random": 0.5, "boundary": 0.5}, seed) if one.reason == "random"]
        drawn.update(found.duplicates[rows].tolist())
    rate = np.array([drawn[group] for group in distinct.tolist()]) / reviews
    expected = 10 / len(distinct)
    error = np.sqrt(expected * (1 - expected) / reviews)
    assert np.abs(rate - expected).max() < 4.5 * error


def test_accuracy_on_the_random_share_is_that_of_the_stream() -> None:
    """Errors at the boundary are picked for other reasons too, and the estimate stays right on average."""
    found = candidates(300, 10**6, seed=2)
    right = np.abs(found.probability - 0.5) > 0.2
    picks = [pick(found, 60, {"random": 0.5, "boundary": 0.5}, seed) for seed in range(400)]
    estimates = [np.mean([right[one.row] for one in picked if one.reason == "random"]) for picked in picks]
    assert np.mean(estimates) == pytest.approx(right.mean(), abs=4 * np.std(estimates) / np.sqrt(len(estimates)))
    assert np.mean([[right[one.row] for one in picked] for picked in picks]) < right.mean() - 0.2


def test_each_reason_picks_what_it_names() -> None:
    """The least certain, the most certain of the overruled ones, and those of which the fewest words are known."""
    tweets = 10
    found = Candidates(
        probability=np.array([0.5, 0.52, 0.9, 0.99, 0.3, 0.2, 0.1, 0.8, 0.7, 0.65]),
        overruled=np.array([False, False, True, True, *[False] * 6]),
        known=np.array([1, 1, 1, 1, 1, 0.1, 0, 1, 1, 1]),
        vectors=np.arange(tweets)[:, np.newaxis],
        duplicates=np.arange(tweets),
    )
    expected: dict[Reason, set[int]] = {"boundary": {0, 1}, "overruled": {2, 3}, "unknown": {5, 6}}
    for reason, rows in expected.items():
        assert {one.row for one in pick(found, 2, {reason: 1.0}, seed=3)} == rows
    assert {(one.row, one.reason) for one in pick(found, 1, {"overruled": 1}, seed=3)} == {(3, "overruled")}


def test_a_reason_without_tweets_leaves_its_share_to_the_spread() -> None:
    """Where nothing was audited and the first stage cannot say what it knows, as many tweets are picked."""
    found = candidates(50, 10**6, seed=4, words=False)
    nothing = Candidates(found.probability, np.zeros(50, dtype=np.bool_), None, found.vectors, found.duplicates)
    reasons = Counter(one.reason for one in pick(nothing, 20, DEFAULT_SHARES, seed=5))
    assert reasons == {"random": 5, "boundary": 1, "spread": 14}


def test_the_same_seed_picks_the_same_tweets() -> None:
    """A review can be repeated; another seed shows other tweets, in another order."""
    found = candidates(100, 90, seed=6)
    first, again, other = (pick(found, 30, DEFAULT_SHARES, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_the_spread_has_a_tweet_of_each_kind() -> None:
    """Of ten kinds of tweets, one of them a thousand times as frequent as the others, ten picks have nearly all."""
    draw = np.random.default_rng(7)
    kinds = np.repeat(np.arange(10), [1000, *[10] * 9])
    vectors = np.eye(10)[kinds] + draw.normal(scale=0.01, size=(len(kinds), 10))
    assert len(set(kinds[spread(vectors, np.arange(len(kinds)), 10, seed=1)])) >= 9


def test_equal_tweets_are_spread_too() -> None:
    """As many tweets as wanted are picked where there are fewer clusters than that."""
    rows = spread(np.zeros((20, 3)), np.arange(5, 20), 7, seed=1)
    assert len(set(rows.tolist())) == 7
    assert rows.min() >= 5
