"""The cache of experiments."""

from pathlib import Path

import numpy as np
import pytest

from training.benchmark.cache import ExperimentCache
from training.benchmark.experiment import Experiment

EXPERIMENT = Experiment(
    "lstm", 7, np.array([0.1, 1 / 3]), np.array([0.7]), [{"loss": 0.5, "val_loss": 0.6}], 30, 20, 1.5, 0.25
)


def test_an_experiment_is_cached(tmp_path: Path) -> None:
    """A resumed benchmark has exactly the figures it had before."""
    ExperimentCache(tmp_path, {"data": "a"}).save(EXPERIMENT)
    cached = ExperimentCache(tmp_path, {"data": "a"}).load("lstm", 7)
    assert cached is not None
    assert cached.as_dict() == EXPERIMENT.as_dict()
    assert cached.held_out.dtype == np.float64
    assert [path.name for path in tmp_path.iterdir()] == ["lstm-seed-7.json"]


@pytest.mark.parametrize(("model", "seed", "data"), [("gru", 7, "a"), ("lstm", 8, "a"), ("lstm", 7, "b")])
def test_other_conditions_are_a_miss(model: str, seed: int, data: str, tmp_path: Path) -> None:
    """An experiment with another model, seed or data set is not returned."""
    ExperimentCache(tmp_path, {"data": "a"}).save(EXPERIMENT)
    assert ExperimentCache(tmp_path, {"data": data}).load(model, seed) is None


def test_changed_code_is_a_miss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model is trained again after the project's code has changed."""
    ExperimentCache(tmp_path, {}).save(EXPERIMENT)
    monkeypatch.setattr("training.benchmark.cache._code", lambda: "edited")
    assert ExperimentCache(tmp_path, {}).load("lstm", 7) is None


@pytest.mark.parametrize("content", ["", "[]", '{"key": 1}', "\0"])
def test_a_damaged_file_is_a_miss(content: str, tmp_path: Path) -> None:
    """A truncated or foreign file is ignored, and the model is trained again."""
    cache = ExperimentCache(tmp_path, {})
    cache.save(EXPERIMENT)
    (tmp_path / "lstm-seed-7.json").write_text(content)
    assert cache.load("lstm", 7) is None


def test_clearing_deletes_only_experiments(tmp_path: Path) -> None:
    """--fresh deletes every cached experiment and no other file; new ones are cached again."""
    cache = ExperimentCache(tmp_path, {})
    cache.save(EXPERIMENT)
    (tmp_path / "notes.json").write_text("{}")
    cache.clear()
    assert cache.load("lstm", 7) is None
    assert [path.name for path in tmp_path.iterdir()] == ["notes.json"]
    cache.save(EXPERIMENT)
    assert ExperimentCache(tmp_path, {}).load("lstm", 7) is not None
