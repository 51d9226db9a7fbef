"""TF-IDF and multinomial Naive Bayes: the course's model 0."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from training.models.base import Resources, Saved, Size
from worker.types import Floats


def build_baseline(_resources: Resources) -> "Baseline":
    """Return an untrained baseline."""
    return Baseline()


class Baseline:
    """`TfidfVectorizer` and `MultinomialNB` with scikit-learn's defaults, as in the course's notebook."""

    def __init__(self) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.naive_bayes import MultinomialNB
        from sklearn.pipeline import Pipeline

        self._pipeline = Pipeline([("tfidf", TfidfVectorizer()), ("clf", MultinomialNB())])

    @property
    def classes_(self) -> NDArray[Any]:
        """Targets in the order of the probabilities' columns."""
        return np.asarray(self._pipeline.classes_)

    def fit(self, texts: Sequence[str], targets: NDArray[np.int64]) -> Self:
        """Train from scratch."""
        self._pipeline.fit(list(texts), targets)
        return self

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return probabilities of shape (n texts, 2)."""
        return np.asarray(self._pipeline.predict_proba(list(texts)))

    @property
    def size(self) -> Size:
        """The inverse document frequencies, and each class' log probabilities; training sets all of them."""
        tfidf, classifier = self._pipeline["tfidf"], self._pipeline["clf"]
        numbers = tfidf.idf_.size + classifier.feature_log_prob_.size + classifier.class_log_prior_.size
        return Size(numbers, numbers)

    def save(self, folder: Path, name: str) -> Saved:
        """Write the pipeline as a skops file."""
        import skops.io

        skops.io.dump(self._pipeline, folder / f"{name}.skops")
        return Saved("sklearn", {"model": f"{name}.skops"})
