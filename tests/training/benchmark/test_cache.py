"""What is known already."""

from pathlib import Path

import numpy as np
import pytest

from training.benchmark.cache import Store
from training.benchmark.experiment import Experiment

FOUND = Experiment(
    "lstm", 7, np.array([0.1, 1 / 3]), np.array([0.7]), [{"loss": 0.5, "val_loss": 0.6}], 30, 20, 1.5, 0.25
)


def test_an_experiment_is_kept(tmp_path: Path) -> None:
    """An interrupted benchmark goes on with the very figures it had, to the last bit."""
    Store(tmp_path, {"data": "a"}).save(FOUND)
    known = Store(tmp_path, {"data": "a"}).load("lstm", 7)
    assert known is not None
    assert known.as_dict() == FOUND.as_dict()
    assert known.held_out.dtype == np.float64
    assert [path.name for path in tmp_path.iterdir()] == ["lstm-seed-7.json"]


@pytest.mark.parametrize(("model", "seed", "data"), [("gru", 7, "a"), ("lstm", 8, "a"), ("lstm", 7, "b")])
def test_only_the_same_is_given_back(model: str, seed: int, data: str, tmp_path: Path) -> None:
    """Another model, seed or data set is trained, not taken from what is there."""
    Store(tmp_path, {"data": "a"}).save(FOUND)
    assert Store(tmp_path, {"data": data}).load(model, seed) is None


def test_changed_code_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model whose code was edited is trained again."""
    Store(tmp_path, {}).save(FOUND)
    monkeypatch.setattr("training.benchmark.cache._code", lambda: "edited")
    assert Store(tmp_path, {}).load("lstm", 7) is None


@pytest.mark.parametrize("content", ["", "[]", '{"key": 1}', "\0"])
def test_a_damaged_file_is_not_believed(content: str, tmp_path: Path) -> None:
    """Half a file, or none of ours, means that the model is trained again."""
    store = Store(tmp_path, {})
    store.save(FOUND)
    (tmp_path / "lstm-seed-7.json").write_text(content)
    assert store.load("lstm", 7) is None


def test_what_is_forgotten_is_gone(tmp_path: Path) -> None:
    """With --fresh all is trained again, and known from then on; other files stay."""
    store = Store(tmp_path, {})
    store.save(FOUND)
    (tmp_path / "notes.json").write_text("{}")
    store.forget()
    assert store.load("lstm", 7) is None
    assert [path.name for path in tmp_path.iterdir()] == ["notes.json"]
    store.save(FOUND)
    assert Store(tmp_path, {}).load("lstm", 7) is not None
