"""Out-of-fold means unseen."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest
from numpy.typing import NDArray

from training.cascade.out_of_fold import FOLDS, out_of_fold
from training.models import TrainableClassifier
from training.models.base import Saved, Size
from worker.types import Floats


class Parrot:
    """Knows a text's target if it was trained on it, and says 0.5 if it was not."""

    @property
    def classes_(self) -> NDArray[Any]:
        """Targets in the columns' order."""
        return np.array([0, 1])

    def fit(self, texts: Sequence[str], targets: NDArray[np.int64]) -> Self:
        """Learn by heart."""
        self.known = dict(zip(texts, targets.tolist(), strict=True))
        return self

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Recite."""
        p = np.array([self.known.get(text, 0.5) for text in texts], dtype=np.float64)
        return np.column_stack([1 - p, p])

    @property
    def size(self) -> Size:
        """Nobody asks for it."""
        raise NotImplementedError

    def save(self, folder: Path, name: str) -> Saved:
        """Nobody asks for it."""
        raise NotImplementedError


def test_no_text_is_predicted_by_a_model_that_saw_it() -> None:
    """The threshold is chosen on honest predictions."""
    done: list[int] = []
    build: type[TrainableClassifier] = Parrot
    p = out_of_fold(build, [str(n) for n in range(50)], np.array([0, 1] * 25), seed=1, advance=lambda: done.append(1))
    assert (p == 0.5).all()
    assert len(done) == FOLDS


def test_a_check_that_raises_ends_the_folds() -> None:
    """A cancelled training stops before the next fold, not after the last one."""
    done: list[int] = []

    def check() -> None:
        if len(done) == 2:
            raise KeyboardInterrupt

    texts, targets = [str(n) for n in range(50)], np.array([0, 1] * 25)
    build: type[TrainableClassifier] = Parrot
    with pytest.raises(KeyboardInterrupt):
        out_of_fold(build, texts, targets, seed=1, advance=lambda: done.append(1), check=check)
    assert len(done) == 2
