"""A trained piece network that computes pieces when they are asked for."""

import numpy as np
import pytest

from tests.training.models.fakes import RecordingEncoder
from training.models.use_pieces.growing_network import GrowingNetwork
from training.models.use_pieces.training import FEATURES, TrainedLayers
from worker.models.piece_network import PieceClassifier


def layers() -> TrainedLayers:
    """Return arbitrary layers for inputs of eight numbers."""
    draw = np.random.default_rng(3)
    shapes = [(8, FEATURES), (FEATURES,), (8,), (2 * FEATURES,), (1,)]
    parts = [draw.normal(size=shape).astype(np.float32) for shape in shapes]
    kernel, bias, direction, weights, constant = parts
    return TrainedLayers(kernel, bias, direction, weights, constant, 0.5)


def test_predictions_are_those_of_the_whole_network() -> None:
    """Folds are predicted by what the artifact would serve, whichever pieces were asked for before."""
    pieces, texts = RecordingEncoder(), ["a flood in town", "my banana", "", "a flood of bananas"]
    seen = np.zeros(pieces.vocabulary_size, np.float32)
    growing, whole = GrowingNetwork(pieces, layers(), seen), GrowingNetwork(pieces, layers(), seen).complete()
    served = PieceClassifier(pieces, whole).predict_proba(texts)
    for some in (texts[:2], texts, texts[2:]):
        rows = [texts.index(text) for text in some]
        assert growing.predict_proba(some) == pytest.approx(served[rows], abs=1e-6)
    assert growing.complete().features == pytest.approx(whole.features, abs=1e-3)


def test_only_pieces_of_the_texts_are_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fold's tweets use a tenth of the vocabulary; the rest would take three seconds in each of ten folds."""
    asked: list[int] = []
    inputs = RecordingEncoder.piece_inputs

    def record(self: RecordingEncoder, ids: np.ndarray) -> np.ndarray:
        asked.extend(ids.tolist())
        return inputs(self, ids)

    monkeypatch.setattr(RecordingEncoder, "piece_inputs", record)
    growing = GrowingNetwork(RecordingEncoder(), layers(), np.zeros(RecordingEncoder.vocabulary_size, np.float32))
    growing.predict_proba(["my banana", "my flood"])
    growing.predict_proba(["my banana"])
    assert len(asked) == len(set(asked)) == 3
    growing.complete()
    assert sorted(asked) == list(range(RecordingEncoder.vocabulary_size))
