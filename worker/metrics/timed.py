"""A classifier with a stop-watch."""

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray
from prometheus_client import Histogram

from worker.types import Classifier, Floats


class Timed:
    """A classifier that observes how long each call takes."""

    def __init__(self, classifier: Classifier, seconds: Histogram) -> None:
        self._classifier = classifier
        self._seconds = seconds

    @property
    def classes_(self) -> NDArray[Any]:
        """Targets in the order of the probabilities' columns."""
        return self._classifier.classes_

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return the classifier's own probabilities."""
        with self._seconds.time():
            return self._classifier.predict_proba(texts)
