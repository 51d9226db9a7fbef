"""scikit-learn pipelines as models of the registry."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from training.models.base import Saved, Size
from worker.errors import DataError
from worker.types import Floats

Estimator: TypeAlias = Any
"""A pipeline, classifier or transformer of scikit-learn, which ships no types."""


class ScikitModel:
    """A pipeline from strings to probabilities. Its steps are scikit-learn's own types: the worker loads no others.

    Args:
        pipeline: untrained.
        learned: names of the attributes of its steps that training sets, such as `coef_`.

    """

    def __init__(self, pipeline: Estimator, learned: Sequence[str]) -> None:
        self._pipeline = pipeline
        self._learned = learned

    @property
    def classes_(self) -> NDArray[Any]:
        """Targets in the order of the probabilities' columns."""
        return np.asarray(self._pipeline.classes_)

    def fit(self, texts: Sequence[str], targets: NDArray[np.int64]) -> Self:
        """Train from scratch.

        Raises:
            DataError: no text has a word.

        """
        try:
            self._pipeline.fit(list(texts), targets)
        except ValueError as error:
            if "empty vocabulary" not in str(error):
                raise
            raise DataError(
                f"none of {len(texts):,} training tweets has a word of two letters or more, only such as "
                f"{texts[0][:40]!r}; train on tweets with words"
            ) from error
        return self

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return probabilities of shape (n texts, 2)."""
        return np.asarray(self._pipeline.predict_proba(list(texts)))

    @property
    def size(self) -> Size:
        """Number of learned parameters; training sets all of them."""
        steps = self._pipeline.named_steps.values()
        numbers = sum(getattr(step, name).size for step in steps for name in self._learned if hasattr(step, name))
        return Size(numbers, numbers)

    def encoder_texts(self, texts: Sequence[str]) -> list[str]:  # noqa: ARG002 (part of the protocol)
        """Return none: the model does not use the sentence encoder."""
        return []

    def save(self, folder: Path, name: str) -> Saved:
        """Write the pipeline as a skops file."""
        import skops.io

        skops.io.dump(self._pipeline, folder / f"{name}.skops")
        return Saved("sklearn", {"model": f"{name}.skops"})
