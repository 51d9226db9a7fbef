"""Word frequencies, and the words that distinguish the classes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

from schemas import CLASSES, ClassNames
from training.data.dataset import Targets
from training.data.duplicates import normalize
from worker.types import Floats

_PRIOR = 0.1  # weight of the prior, as a share of the corpus' own counts
# Contractions as `normalize` leaves them, without apostrophes.
_CONTRACTIONS = {"im", "ive", "id", "dont", "cant", "didnt", "doesnt", "isnt", "wont", "youre", "thats", "rt"}
_STOP_WORDS = ENGLISH_STOP_WORDS | _CONTRACTIONS

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Word:
    """A word, and the number of tweets of each class that contain it."""

    word: str
    disaster: int
    not_disaster: int
    z: float
    """z-score of the log odds ratio: positive for disasters; beyond about 2 or -2 not by chance."""


def count_words(texts: Sequence[str], targets: Targets) -> list[Word]:
    """Return all words of the normalized texts, the most frequent first; a tweet counts once per word."""
    vectorizer = CountVectorizer(analyzer=lambda text: normalize(text).split(), binary=True)
    try:
        found = vectorizer.fit_transform(texts)
    except ValueError:  # only links and mentions, no words
        return []
    disaster, other = (np.asarray(found[targets == target].sum(axis=0)).ravel() for target in (1, 0))
    z = log_odds_z(disaster, other)
    names = vectorizer.get_feature_names_out()
    order = np.lexsort((names, -(disaster + other)))
    return [Word(str(names[i]), int(disaster[i]), int(other[i]), float(z[i])) for i in order]


def log_odds_z(disaster: Counts, other: Counts) -> Floats:
    """Return the z-score of each word's log odds ratio with an informative Dirichlet prior, shape (words,).

    Method: Monroe, Colaresi and Quinn 2008, "Fightin' Words". Unlike a ratio of frequencies, it does not favor rare
    words.

    Args:
        disaster: number of tweets on disasters that contain each word, shape (words,).
        other: the same for the other tweets.

    """
    prior = _PRIOR * (disaster + other)
    counts = [n + prior for n in (disaster, other)]
    # At least 1 in the denominator: the odds of the only word would be infinite.
    logits = [np.log(n / np.maximum(n.sum() - n, 1)) for n in counts]
    return np.asarray((logits[0] - logits[1]) / np.sqrt(1 / counts[0] + 1 / counts[1]))


def is_content(word: str) -> bool:
    """Return whether a word is neither an English stop word nor a number nor a single letter."""
    return word not in _STOP_WORDS and not word.isdigit() and not (len(word) == 1 and word.isascii())


def most_telling(words: Sequence[Word], most: int, classes: ClassNames = CLASSES) -> dict[str, list[Word]]:
    """Return up to `most` words of each class by its name, the target 1 first, the largest z-scores first."""
    ordered = sorted(words, key=lambda word: (-word.z, word.word))
    return {
        classes[1]: [word for word in ordered[:most] if word.z > 0],
        classes[0]: [word for word in ordered[::-1][:most] if word.z < 0],
    }
