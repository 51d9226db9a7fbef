"""Pools of tweets."""

import json
from pathlib import Path

import pytest

from benchmarks.harness.tweets import Pool, read_pool
from worker.errors import DataError


def test_tweets_have_unique_ids_and_texts_with_targets_come_first() -> None:
    """A label is scored by its id alone, even after the texts were repeated."""
    pool = Pool("three", ["fire", 'a "quoted"\nflood', "tea"], [1, 0])
    records = [(key, json.loads(value)) for key, value in pool.records(5)]
    assert [key for key, _ in records] == [b"0", b"1", b"2", b"3", b"4"]
    assert [tweet["text"] for _, tweet in records] == [*pool.texts, *pool.texts[:2]]
    assert [pool.truth(n) for n in range(5)] == [(0, 1), (1, 0), None, (0, 1), (1, 0)]


def test_the_pool_is_scored_on_kaggles_held_out_tweets(kaggle: Path) -> None:  # noqa: ARG001 (find_dataset looks there)
    """Accuracy is measured on tweets that no model was trained on."""
    pool = read_pool()
    assert (len(pool.targets), len(pool.texts)) == (762, 762 + 3263)


def test_a_file_may_have_targets_or_none(tmp_path: Path) -> None:
    """Users may send their own tweets, labelled or not; only labelled ones can be scored."""
    (tmp_path / "plain.csv").write_text("id,text\n1,fire\n2,tea\n")
    (tmp_path / "labelled.csv").write_text("id,text,target\n1,fire,1\n2,tea,0\n")
    plain = read_pool(tmp_path / "plain.csv")
    assert (plain.texts, plain.targets) == (["fire", "tea"], [])
    assert read_pool(tmp_path / "labelled.csv").targets == [1, 0]
    plain.save(tmp_path / "pool.json")
    assert Pool.load(tmp_path / "pool.json") == plain
    with pytest.raises(DataError, match="none has a target"):
        plain.labelled()
