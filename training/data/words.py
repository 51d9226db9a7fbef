"""Which words tweets are made of, and which tell the classes apart. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

from training.data.dataset import Targets
from training.data.duplicates import normalise
from worker.types import Floats

_PRIOR = 0.1  # a tenth of the corpus' own counts: how much evidence a word must bring against it
# As `normalise` leaves them, without their apostrophes.
_SHORTENED = {"im", "ive", "id", "dont", "cant", "didnt", "doesnt", "isnt", "wont", "youre", "thats", "rt"}
_STOP_WORDS = ENGLISH_STOP_WORDS | _SHORTENED

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Word:
    """A word, with the number of tweets of each class that have it."""

    word: str
    disaster: int
    not_disaster: int
    z: float
    """How telling it is: positive for disasters, from about 2 on (or -2) no chance."""


def count_words(texts: Sequence[str], targets: Targets) -> list[Word]:
    """Return all words of the normalised texts, the most frequent first; a tweet counts a word once."""
    vectorizer = CountVectorizer(analyzer=lambda text: normalise(text).split(), binary=True)
    try:
        found = vectorizer.fit_transform(texts)
    except ValueError:  # nothing but links and mentions
        return []
    disaster, other = (np.asarray(found[targets == target].sum(axis=0)).ravel() for target in (1, 0))
    z = telling(disaster, other)
    names = vectorizer.get_feature_names_out()
    order = np.lexsort((names, -(disaster + other)))
    return [Word(str(names[i]), int(disaster[i]), int(other[i]), float(z[i])) for i in order]


def telling(disaster: Counts, other: Counts) -> Floats:
    """Return for each word the z-score of its log odds ratio with an informative Dirichlet prior.

    After Monroe, Colaresi and Quinn 2008, "Fightin' Words": unlike a ratio of frequencies, it is not led by rare words.

    Args:
        disaster: in how many tweets on disasters each word is, shape (words,).
        other: the same of other tweets.

    """
    prior = _PRIOR * (disaster + other)
    counts = [n + prior for n in (disaster, other)]
    # At least one other word: the odds of the only word there is would be infinite.
    logits = [np.log(n / np.maximum(n.sum() - n, 1)) for n in counts]
    return np.asarray((logits[0] - logits[1]) / np.sqrt(1 / counts[0] + 1 / counts[1]))


def is_content(word: str) -> bool:
    """Tell whether a word says something of its own: it is no English stop word, no figure and no single letter."""
    return word not in _STOP_WORDS and not word.isdigit() and not (len(word) == 1 and word.isascii())


def most_telling(words: Sequence[Word], most: int) -> dict[str, list[Word]]:
    """Return at most that many words for each class, `disaster` and `not_disaster`, the most telling first."""
    ordered = sorted(words, key=lambda word: (-word.z, word.word))
    return {
        "disaster": [word for word in ordered[:most] if word.z > 0],
        "not_disaster": [word for word in ordered[::-1][:most] if word.z < 0],
    }
