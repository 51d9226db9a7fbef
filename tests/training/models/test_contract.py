"""What every model of the registry must do."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from schemas import StageSpec
from training.data import SAMPLE, load_dataset, split
from training.encoder import CachedEncoder
from training.fit import targets_of, texts_of
from training.models import REGISTRY, Resources, TrainableClassifier
from training.models.sentence_encoder import build_head
from worker.models.artifact import load_classifier
from worker.models.use import UseEncoder


@pytest.fixture(scope="module")
def resources(sample_artifact: Path) -> Resources:
    """Return what builders get."""
    return Resources(CachedEncoder(UseEncoder(str(sample_artifact / "use"))), seed=1)


@pytest.fixture(scope="module", params=REGISTRY)
def model(request: pytest.FixtureRequest, resources: Resources) -> TrainableClassifier:
    """Return each model, trained on the sample."""
    train = split(load_dataset(SAMPLE).labelled).train
    return REGISTRY[request.param](resources).fit(texts_of(train), targets_of(train))


def test_probabilities_are_probabilities(model: TrainableClassifier) -> None:
    """A row a text, a column a class, each row adds up to 1."""
    p = model.predict_proba(["Forest fire near the village", "", "🌋 火山"])
    assert p.shape == (3, 2)
    assert p.dtype == np.float64
    assert ((p >= 0) & (p <= 1)).all()
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert list(model.classes_) == [0, 1]


def test_it_learned(model: TrainableClassifier) -> None:
    """Training changes the model for the better: it beats a coin by far on tweets it has not seen."""
    held_out = split(load_dataset(SAMPLE).labelled).held_out
    verdicts = model.predict_proba(texts_of(held_out))[:, 1] >= 0.5
    assert (verdicts == targets_of(held_out)).mean() > 0.65


def test_saved_and_loaded_it_says_the_same(model: TrainableClassifier, sample_artifact: Path, tmp_path: Path) -> None:
    """The worker serves the model that training measured."""
    texts = texts_of(load_dataset(SAMPLE).labelled)[:40]
    saved = model.save(tmp_path, "stage")
    shutil.copytree(sample_artifact / "use", tmp_path / "use")
    spec = StageSpec(name="stage", kind=saved.kind, files=saved.files, threshold=0)
    loaded = load_classifier(tmp_path, spec)
    np.testing.assert_allclose(loaded.predict_proba(texts), model.predict_proba(texts), atol=1e-5)


def test_the_head_has_the_courses_parameters() -> None:
    """Dense 64 and Dense 1 on 512 floats: 32,897 trainable parameters, as in the course."""
    head = build_head()
    assert sum(int(np.prod(weight.shape)) for weight in head.trainable_weights) == 32_897


def test_the_baseline_is_the_notebooks(kaggle: Path, resources: Resources) -> None:
    """The baseline's accuracy on the notebook's split is the notebook's figure to the last digit."""
    parts = split(load_dataset(kaggle).labelled)
    baseline = REGISTRY["baseline"](resources).fit(texts_of(parts.train), targets_of(parts.train))
    verdicts = baseline.predict_proba(texts_of(parts.held_out)).argmax(axis=1)
    assert (verdicts == targets_of(parts.held_out)).mean() == 0.7926509186351706
