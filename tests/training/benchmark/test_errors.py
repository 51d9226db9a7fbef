"""The most confident mistakes."""

import numpy as np

from training.benchmark.errors import LabelledTweets, worst_mistakes

FIVE = LabelledTweets(["a fire", "a flood", "a storm", "a quake", "a crash"], np.array([0, 0, 1, 1, 1]))
P = np.array([0.6, 0.9, 0.4, 0.1, 0.8])


def test_the_most_confident_come_first() -> None:
    """False positives and false negatives are listed apart, by confidence; correct labels are not listed."""
    positives, negatives = worst_mistakes(FIVE, P, FIVE, 10)
    assert [m.text for m in positives] == ["a flood", "a fire"]
    assert [m.text for m in negatives] == ["a quake", "a storm"]
    assert [m.probability for m in negatives] == [0.1, 0.4]
    assert not any(m.contradicted_by for m in [*positives, *negatives])
    assert len(worst_mistakes(FIVE, P, FIVE, 1)[0]) == 1


def test_a_probability_of_one_half_is_a_disaster() -> None:
    """P(disaster) of 0.5 predicts a disaster, as it does in the cascade."""
    positives, _ = worst_mistakes(LabelledTweets(["a"], np.array([0])), np.array([0.5]), FIVE, 10)
    assert len(positives) == 1


def test_a_label_is_disputed_by_a_near_duplicate() -> None:
    """A near-duplicate with the other label is shown; one with the same label is not."""
    mistaken = LabelledTweets(["Fire in the #Hills! http://t.co/a", "All is well"], np.array([1, 0]))
    others = LabelledTweets(["@me fire in the hills https://t.co/b", "all is well..."], np.array([0, 0]))
    positives, negatives = worst_mistakes(mistaken, np.array([0.1, 0.9]), others, 10)
    assert negatives[0].contradicted_by == others.texts[0]
    assert positives[0].contradicted_by == ""
