"""Reader of scikit-learn classifiers, by skops."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from worker.errors import ArtifactError
from worker.types import Classifier, Floats

_TRUSTED = ["worker.models.char_ngrams.CharacterHashing"]  # beside the types that skops trusts itself

Pipeline: TypeAlias = Any
"""Of scikit-learn, which ships no types."""


class WordClassifier:
    """A pipeline whose first step counts the words of a vocabulary, so that it can say how much of a text it knows.

    Args:
        pipeline: two steps, vectorizer and classifier.

    """

    def __init__(self, pipeline: Pipeline) -> None:
        from worker.models.word_counts import transform_of  # scikit-learn: a second and 140 MB

        self._pipeline = pipeline
        vectorizer, self._classifier = pipeline
        self._transform = transform_of(vectorizer)

    @property
    def classes_(self) -> NDArray[Any]:
        """Targets in the order of the probabilities' columns."""
        return np.asarray(self._pipeline.classes_)

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return probabilities of shape (n texts, 2)."""
        return self.predict_known(texts)[0]

    def predict_known(self, texts: Sequence[str], /) -> tuple[Floats, Floats]:
        """Return the probabilities, and the share of each text's words that the vocabulary has, shape (n texts,).

        The counts that the classifier needs hold one entry for each known word. All words are counted by the spaces
        between them: counting them as the vectorizer does would take longer than all the rest of it.
        """
        counts = self._transform(texts)
        words = np.array([text.count(" ") for text in texts]) + 1
        return np.asarray(self._classifier.predict_proba(counts)), np.minimum(1.0, np.diff(counts.indptr) / words)


def load_sklearn(files: dict[str, Path]) -> Classifier:
    """Read the estimator in the file `model`.

    Raises:
        ArtifactError: the file holds a type that is not trusted, so that it could run code.

    """
    import skops.io

    untrusted = set(skops.io.get_untrusted_types(file=files["model"])) - set(_TRUSTED)
    if untrusted:
        raise ArtifactError(f"{files['model']} holds types that are not trusted: {', '.join(sorted(untrusted))}")
    loaded = skops.io.load(files["model"], trusted=_TRUSTED)
    return WordClassifier(loaded) if _counts_words(loaded) else cast(Classifier, loaded)


def _counts_words(loaded: Pipeline) -> bool:
    """Return whether it is a pipeline of a vectorizer with a vocabulary of single words, and a classifier."""
    steps = list(getattr(loaded, "named_steps", {}).values())
    if len(steps) != 2 or not hasattr(steps[0], "vocabulary_"):
        return False
    return (steps[0].analyzer, steps[0].ngram_range) == ("word", (1, 1))
