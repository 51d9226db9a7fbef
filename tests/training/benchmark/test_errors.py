"""The most confident mistakes."""

import numpy as np

from training.benchmark.errors import Labelled, most_wrong

FIVE = Labelled(["a fire", "a flood", "a storm", "a quake", "a crash"], np.array([0, 0, 1, 1, 1]))
SAID = np.array([0.6, 0.9, 0.4, 0.1, 0.8])


def test_the_surest_come_first() -> None:
    """False positives and false negatives apart, by how wrong they are; what is right is not listed."""
    positives, negatives = most_wrong(FIVE, SAID, FIVE, 10)
    assert [m.text for m in positives] == ["a flood", "a fire"]
    assert [m.text for m in negatives] == ["a quake", "a storm"]
    assert [m.probability for m in negatives] == [0.1, 0.4]
    assert not any(m.contradicted_by for m in [*positives, *negatives])
    assert len(most_wrong(FIVE, SAID, FIVE, 1)[0]) == 1


def test_an_even_chance_is_a_disaster() -> None:
    """P(disaster) of 0.5 is a verdict of disaster here as in the cascade."""
    positives, _ = most_wrong(Labelled(["a"], np.array([0])), np.array([0.5]), FIVE, 10)
    assert len(positives) == 1


def test_a_label_is_disputed_by_a_near_duplicate() -> None:
    """A retweet with another link and the other label casts doubt on the label; one with the same label does not."""
    judged = Labelled(["Fire in the #Hills! http://t.co/a", "All is well"], np.array([1, 0]))
    others = Labelled(["@me fire in the hills https://t.co/b", "all is well..."], np.array([0, 0]))
    positives, negatives = most_wrong(judged, np.array([0.1, 0.9]), others, 10)
    assert negatives[0].contradicted_by == others.texts[0]
    assert positives[0].contradicted_by == ""
