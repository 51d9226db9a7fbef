"""Out-of-fold predictions."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest
from numpy.typing import NDArray

from training.cascade.folds import FOLDS, split_folds
from training.cascade.out_of_fold import OutOfFold, predict_out_of_fold
from training.models import TrainableClassifier
from training.models.base import Saved, Size
from worker.types import Floats


class Parrot:
    """Predicts a text's target if it was trained on the text, else 0.5."""

    @property
    def classes_(self) -> NDArray[Any]:
        """Targets in the columns' order."""
        return np.array([0, 1])

    def fit(self, texts: Sequence[str], targets: NDArray[np.int64]) -> Self:
        """Memorize the targets."""
        self.known = dict(zip(texts, targets.tolist(), strict=True))
        return self

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return memorized targets, shape (n, 2)."""
        p = np.array([self.known.get(text, 0.5) for text in texts], dtype=np.float64)
        return np.column_stack([1 - p, p])

    @property
    def size(self) -> Size:
        """Fail: not called."""
        raise NotImplementedError

    def encoder_texts(self, texts: Sequence[str]) -> list[str]:
        """Fail: not called."""
        raise NotImplementedError

    def save(self, folder: Path, name: str) -> Saved:
        """Fail: not called."""
        raise NotImplementedError


def test_no_text_is_predicted_by_a_model_that_saw_it() -> None:
    """Bands are chosen on predictions by models that were not trained on the text."""
    done: list[int] = []
    targets = np.array([0, 1] * 25)
    build: type[TrainableClassifier] = Parrot
    p = predict_out_of_fold(
        build, [str(n) for n in range(50)], targets, split_folds(targets, seed=1), advance=lambda: done.append(1)
    )
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
        predict_out_of_fold(build, texts, targets, split_folds(targets, 1), lambda: done.append(1), check)
    assert len(done) == 2


def test_columns_are_in_the_order_of_the_chain() -> None:
    """A stage's column is its place in the chain, whatever the order in which models were cross-validated."""
    out_of_fold = OutOfFold(np.array([0, 1]), {"a": np.array([0.1, 0.2]), "b": np.array([0.3, 0.4])}, {}, [])
    assert out_of_fold.columns(["b", "a"]).tolist() == [[0.3, 0.1], [0.4, 0.2]]
