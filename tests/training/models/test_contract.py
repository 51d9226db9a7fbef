"""What every model of the registry must do."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from schemas import StageSpec
from training.data import SAMPLE, load_dataset, split
from training.encoder import CachedEncoder
from training.fit import targets_of, texts_of
from training.models import REGISTRY, Resources, TrainableClassifier
from training.models.text_network import build_vectorizer
from worker.models.artifact import load_classifier
from worker.models.tensorflow import tensorflow
from worker.models.use import DIMENSIONS, UseEncoder


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
    if saved.kind == "use":
        shutil.copytree(sample_artifact / "use", tmp_path / "use")
    spec = StageSpec(name="stage", kind=saved.kind, files=saved.files, threshold=0)
    loaded = load_classifier(tmp_path, spec)
    np.testing.assert_allclose(loaded.predict_proba(texts), model.predict_proba(texts), atol=1e-5)


TRAINABLE = {
    "simple_dense": 1_280_129,
    "lstm": 1_329_473,
    "gru": 1_317_313,
    "bidirectional": 1_378_945,
    "conv1d": 1_300_545,
    "tf_hub_sentence_encoder": 32_897,
    "tf_hub_10_percent_data": 32_897,
}


def test_it_is_as_large_as_in_the_course(model: TrainableClassifier, request: pytest.FixtureRequest) -> None:
    """Each network has exactly the course's trainable parameters: it is the same network."""
    name = request.node.callspec.params["model"]
    if name != "baseline":
        assert model.size.trainable == TRAINABLE[name]
    encoder = 65_540_000 if name.startswith("tf_hub") else 0  # the embedding table alone has these
    assert model.size.parameters >= model.size.trainable + encoder


def test_a_tenth_is_the_courses_tenth(kaggle: Path) -> None:
    """The small head sees 686 training tweets, 415 and 271, and none that is held out."""
    seen: list[str] = []

    class Watching:
        parameters = 0

        def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
            seen.extend(texts)
            return np.zeros((len(texts), DIMENSIONS), np.float32)

    parts = split(load_dataset(kaggle).labelled)
    watched = Resources(CachedEncoder(Watching()), seed=1)
    REGISTRY["tf_hub_10_percent_data"](watched).fit(texts_of(parts.train), targets_of(parts.train))
    of_train = dict(zip(texts_of(parts.train), targets_of(parts.train).tolist(), strict=True))
    assert len(seen) in range(680, 687), "686 tweets; a text that stands twice is encoded once"
    assert set(seen) <= of_train.keys()
    assert sum(of_train[text] for text in seen) == pytest.approx(271, abs=6)


def test_the_words_are_the_courses(kaggle: Path) -> None:
    """A vocabulary of 10,000 that begins as the course's, and texts of 15 words, the average length."""
    vectorizer = build_vectorizer(texts_of(split(load_dataset(kaggle).labelled).train))
    words = [str(word) for word in vectorizer.get_vocabulary()]
    assert words[:5] == ["", "[UNK]", "the", "a", "in"]
    assert len(words) == 10_000
    assert vectorizer(tensorflow().constant(["a flood"])).shape == (1, 15)


def test_the_baseline_is_the_notebooks(kaggle: Path, resources: Resources) -> None:
    """The baseline's accuracy on the notebook's split is the notebook's figure to the last digit."""
    parts = split(load_dataset(kaggle).labelled)
    baseline = REGISTRY["baseline"](resources).fit(texts_of(parts.train), targets_of(parts.train))
    verdicts = baseline.predict_proba(texts_of(parts.held_out)).argmax(axis=1)
    assert (verdicts == targets_of(parts.held_out)).mean() == 0.7926509186351706
