"""What a cascade says of unlabelled tweets, and vectors of the tweets."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from training.artifact_evaluation.decisions import ask_stages, route_by_bands
from training.encoder.export import ENCODER_FOLDER
from training.review.spread import Vectors
from worker.cascade.cascade import ThresholdCascade
from worker.models.text_cleaning import clean
from worker.types import Bools, Floats

_CHUNK = 512  # texts
_SLOTS = 2**12  # of n-grams


class Labelled(NamedTuple):
    """What is known of n tweets besides their texts."""

    probability: Floats
    """P(disaster) by the stage that decided, shape (n,)."""
    stages: list[str]
    """That decided."""
    overruled: Bools
    """Whether the last stage has another label than the earlier one that decided, shape (n,)."""
    known: Floats | None
    """Share of the words that the first stage knows, shape (n,); None where it cannot say."""


def label(cascade: ThresholdCascade, texts: Sequence[str], advance: Callable[[int], None]) -> Labelled:
    """Ask every stage about every text, as an audit does; call `advance` with the number of texts done.

    Raises:
        StageError: a classifier failed.

    """
    asked = ask_stages(cascade, texts, advance)
    routing = route_by_bands(cascade, asked.probabilities)
    disagree = (asked.probabilities[:, -1] >= 0.5) != (routing.probability >= 0.5)
    return Labelled(routing.probability, [cascade.names[n] for n in routing.decided_by], disagree, asked.known)


def vectors_of(texts: Sequence[str], artifact: Path | None, advance: Callable[[int], None]) -> Vectors:
    """Return a vector of each text, shape (n, d): the artifact's sentence encoder's, else TF-IDF of runs of letters."""
    if artifact is None or not (artifact / ENCODER_FOLDER).is_dir():
        advance(len(texts))
        return _of_letters(texts)
    from training.encoder.opening import open_encoder

    encoder, found = open_encoder(artifact / ENCODER_FOLDER, "cpu"), []
    for start in range(0, len(texts), _CHUNK):
        found.append(encoder.encode([clean(text) for text in texts[start : start + _CHUNK]]))
        advance(len(found[-1]))
    return np.concatenate(found)


def _of_letters(texts: Sequence[str]) -> Vectors:
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
    from sklearn.pipeline import make_pipeline

    counts = HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5), n_features=_SLOTS, alternate_sign=False)
    return make_pipeline(counts, TfidfTransformer(sublinear_tf=True)).fit_transform(texts)
