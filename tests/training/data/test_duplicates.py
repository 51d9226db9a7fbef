"""Exact and near-duplicates."""

from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.data.dataset import load_dataset
from training.data.duplicates import (
    THRESHOLD,
    LabelledTexts,
    conflicting,
    exact_duplicates,
    near_duplicates,
    normalize,
)

HEADLINE = "Officials: Alabama home quarantined over possible Ebola case"
TEXTS = st.lists(
    st.one_of(st.text(max_size=30), st.sampled_from([HEADLINE, f"RT {HEADLINE}!", "my banana", "My #banana"])),
    max_size=12,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Fire at http://t.co/a1B2, https://x.org/?q=1 and www.y.org", "fire at and"),
        ("@bob: #Flood_in town!!", "flood in town"),
        ("rock &amp; roll &amp;gt; &lt;3", "rock roll 3"),
        ("don't don’t don\x89Ûªt dont", "dont dont dont dont"),
        ("\x89ÛÏThe end\x89Û\x9d over\x89Û_ nowåÊhere", "the end over now here"),
        ("ＦＩＲＥ  Straße", "fire strasse"),
        ("httpd is down", "httpd is down"),
        ("http://t.co/a @bob #", ""),
    ],
)
def test_normalization_keeps_the_words(text: str, words: str) -> None:
    """Each kind of decoration is removed, and no word with it."""
    assert normalize(text) == words


@given(st.text(alphabet=st.characters(codec="ascii", categories=["L", "N", "P", "Z"])))
def test_normalization_is_idempotent(text: str) -> None:
    """Normalizing twice gives the same as once: groups do not depend on earlier cleaning."""
    assert normalize(normalize(text)) == normalize(text)


@given(TEXTS)
def test_near_duplicates_are_coarser_than_exact_ones(texts: list[str]) -> None:
    """Equal texts share a near-duplicate group, and groups are numbered 0, 1, 2 in order of appearance."""
    exact, near = exact_duplicates(texts), near_duplicates(texts)
    assert near.shape == exact.shape == (len(texts),)
    assert len(set(zip(exact, near, strict=True))) == len(set(exact))
    assert list(dict.fromkeys(near.tolist())) == list(range(len(set(near))))


@given(TEXTS, st.randoms(use_true_random=False))
def test_order_does_not_matter(texts: list[str], random: Random) -> None:
    """The same tweets share a group in whatever order the file has them."""
    order = list(range(len(texts)))
    random.shuffle(order)
    groups, shuffled = near_duplicates(texts), near_duplicates([texts[i] for i in order])
    assert len({(groups[i], group) for i, group in zip(order, shuffled, strict=True)}) == len(set(groups))


@given(TEXTS, TEXTS)
def test_more_tweets_split_no_group(texts: list[str], others: list[str]) -> None:
    """Similarity depends on the two tweets alone: more data can only merge groups."""
    alone, among = near_duplicates(texts), near_duplicates([*texts, *others])[: len(texts)]
    assert len(set(zip(alone, among, strict=True))) == len(set(alone))


def test_similarity_has_a_threshold() -> None:
    """A few more words make a near-duplicate; another number in a short tweet, or another subject, does not."""
    texts = [
        f"{HEADLINE} http://t.co/a",
        f"BREAKING: {HEADLINE.upper()} - via @wxyz",
        "Officials: Texas school reopened after possible flu case",
        "4 dead",
        "9 dead",
        "http://t.co/a",
        "http://t.co/b",
        "http://t.co/A",
    ]
    assert near_duplicates(texts).tolist() == [0, 0, 1, 2, 3, 4, 5, 4]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 1)), min_size=1))
def test_a_conflict_is_a_group_with_both_labels(members: list[tuple[int, int]]) -> None:
    """Exactly the members of groups with both labels are reported."""
    groups, targets = np.array([group for group, _ in members]), np.array([target for _, target in members])
    expected = [{target for group, target in members if group == own} == {0, 1} for own in groups]
    assert conflicting(groups, targets).tolist() == expected


def test_a_contradiction_names_the_most_similar_tweet() -> None:
    """Only near-duplicates with the other label contradict a tweet; the tweet itself does not."""
    texts = [HEADLINE, f"{HEADLINE} now", f"{HEADLINE} http://t.co/a", "my banana", f"{HEADLINE} #news"]
    labelled = LabelledTexts(texts, [1, 0, 0, 0, 1])
    found = labelled.contradiction(texts[0], 1)
    assert found is not None
    assert (found.row, found.similarity) == (2, 1.0)
    like = labelled.contradiction(f"{HEADLINE} now", 0)
    assert like is not None
    assert like.row in {0, 4}
    assert THRESHOLD <= like.similarity < 1
    assert labelled.contradiction("my banana", 0) is None
    assert labelled.contradiction("another thing", 1) is None
    assert LabelledTexts([], []).contradiction(HEADLINE, 1) is None


@given(TEXTS, st.data())
def test_a_contradiction_is_in_a_conflicting_group(texts: list[str], data: st.DataObject) -> None:
    """`contradiction` and `conflicting` agree."""
    targets = np.array(data.draw(st.lists(st.integers(0, 1), min_size=len(texts), max_size=len(texts))), dtype=int)
    groups, labelled = near_duplicates(texts), LabelledTexts(texts, targets)
    for own, (text, target) in enumerate(zip(texts, targets, strict=True)):
        if found := labelled.contradiction(text, target):
            assert groups[found.row] == groups[own]
            assert targets[found.row] != target


def test_kaggles_duplicates_are_the_documented_ones(kaggle: Path) -> None:
    """The numbers of duplicates and conflicts in Kaggle's data are those in the documentation."""
    data = load_dataset(kaggle).labelled
    texts, targets = data["text"].tolist(), data["target"].to_numpy()
    exact, near = exact_duplicates(texts), near_duplicates(texts)
    repeated = [int((np.bincount(groups)[groups] > 1).sum()) for groups in (exact, near)]
    assert repeated == [179, 1733]
    assert [int(conflicting(groups, targets).sum()) for groups in (exact, near)] == [55, 558]
