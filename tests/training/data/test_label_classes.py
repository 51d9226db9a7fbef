"""Meanings of labels."""

from collections import Counter

import pytest

from training.data.label_classes import check_given, find_meanings
from training.data.label_columns import LabelSettings
from worker.errors import DataError

LABELS = Counter({"Flood": 3, "Fire": 2, "none": 4, "unsure": 1})


def test_known_labels_need_no_flags() -> None:
    """Kaggle's, CrisisLex's and Figure Eight's labels have a meaning, in any case."""
    labels = Counter(["1", "0", "On-Topic", "off-topic", "Related - but not informative", "Can't Decide"])
    assert find_meanings(labels, LabelSettings(), "f.csv") == {
        "1": 1, "0": 0, "On-Topic": 1, "off-topic": 0, "Related - but not informative": 1, "Can't Decide": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "targets"),
    [
        (LabelSettings(positive=("flood", "FIRE")), [1, 1, 0, 0]),
        (LabelSettings(negative=("none",)), [1, 1, 0, 1]),
        (LabelSettings(positive=("flood", "fire"), negative=("none",)), [1, 1, 0, None]),
    ],
)
def test_flags_say_what_labels_mean(settings: LabelSettings, targets: list[int | None]) -> None:
    """One flag leaves the rest to the other class; both together leave rows out."""
    assert list(find_meanings(LABELS, settings, "f.csv").values()) == targets


def test_labels_called_like_the_classes_need_no_flags() -> None:
    """Whoever names the classes has said what labels of these names mean; other known labels keep their meaning."""
    settings = LabelSettings(classes=("dry", "Wet"))
    assert find_meanings(Counter(["wet", "DRY", "1"]), settings, "f.csv") == {"wet": 1, "DRY": 0, "1": 1}
    reversed_names = LabelSettings(classes=("on-topic", "off-topic"))
    assert find_meanings(Counter(["on-topic", "off-topic"]), reversed_names, "f.csv") == {"on-topic": 0, "off-topic": 1}


def test_a_label_under_both_flags_is_refused() -> None:
    """It cannot mean both."""
    with pytest.raises(DataError, match="in --positive and in --negative"):
        check_given(LabelSettings(positive=("Flood",), negative=("flood",)), LABELS)


def test_a_file_with_many_labels_shows_the_most_frequent() -> None:
    """A column of texts, taken for labels, does not fill the terminal."""
    labels = Counter({f"label {n}": 1 for n in range(500)})
    with pytest.raises(DataError, match="and 490 others"):
        find_meanings(labels, LabelSettings(), "f.csv")
