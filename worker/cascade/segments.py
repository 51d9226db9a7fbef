"""Segments: tweets among which early decisions may go wrong differently, by how much the first stage can read. Pure.

A stage of words is as certain about a text of which it knows two words as about one of which it knows all. So tweets
are divided by the share of their words that the first stage knows, or of their pieces that its training has seen,
where it can say (`KnowsWords`). Of the tweets that the stages were trained on, nearly all are in the last segment;
those in other languages are mostly in the others.
The tweet's `lang` is left out: producers set it or not, it is wrong for short texts, and its many values would
leave too little evidence for each.
"""

from collections.abc import Sequence

import numpy as np

from worker.types import Classifier, Floats, Ints, KnowsWords

_EDGES = (0.5, 0.7)
_BY_KNOWN_WORDS = ("known_0_50", "known_50_70", "known_70_100")
_UNDIVIDED = ("all",)


def segment_names(first: Classifier) -> Sequence[str]:
    """Return the names of the segments of a cascade with this first classifier; one where it cannot say."""
    return _BY_KNOWN_WORDS if isinstance(first, KnowsWords) else _UNDIVIDED


def segments_of(known: Floats | None, tweets: int) -> Ints:
    """Return the number of each tweet's segment, shape (tweets,).

    Args:
        known: share of the words that the first stage knows, shape (tweets,); None where it cannot say.
        tweets: how many.

    """
    return np.zeros(tweets, dtype=np.intp) if known is None else np.digitize(known, _EDGES)
