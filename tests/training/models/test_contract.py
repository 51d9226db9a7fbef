"""Properties that every model of the registry must have."""

import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pandas as pd
import pytest

from schemas import StageSpec
from tests.tiny_encoder import write_tiny_encoder
from tests.training.models.fakes import RecordingEncoder
from training.benchmark.keras_export import export_formats
from training.data.dataset import SAMPLE, load_dataset, split, targets_of, texts_of
from training.models import REGISTRY, Resources, TrainableClassifier
from training.models.cached_encoder import CachedEncoder, CachedReader
from training.models.history import Watch
from training.models.kernel_ridge import KernelRidge, unit
from training.models.network import EPOCHS, Network
from training.models.text_network import build_vectorizer
from training.models.use_svm import Svm
from training.sentence_encoder.export import OTHER_FOLDER, export_other_encoder, open_other_encoder
from worker.models import use
from worker.models.artifact import load_classifier
from worker.models.encoder.selection import FLOAT32
from worker.models.sentence_encoder.served import ServedEncoder
from worker.models.tensorflow import keras, tensorflow
from worker.models.use import UseEncoder
from worker.types import KnowsWords, ReadsSome


@pytest.fixture(scope="module")
def other_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a tiny sentence encoder, as an artifact has it."""
    folder = tmp_path_factory.mktemp("other")
    opened = open_other_encoder(write_tiny_encoder(folder / "model"))
    export_other_encoder(opened, folder / OTHER_FOLDER, texts_of(parts()[0]))
    return folder / OTHER_FOLDER


@pytest.fixture(scope="module")
def resources(use_encoder: UseEncoder, other_encoder: Path) -> Resources:
    """Return the resources of the builders."""
    reader = CachedReader(ServedEncoder(other_encoder, only=FLOAT32))
    return Resources(CachedEncoder(use_encoder), seed=1, other_encoder=reader)


def parts() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the training part and the held-out part of the sample."""
    divided = split(load_dataset(SAMPLE).labelled)
    return divided.train, divided.held_out


@pytest.fixture(scope="module", params=REGISTRY)
def name(request: pytest.FixtureRequest) -> str:
    """Return the name of each model."""
    return str(request.param)


@pytest.fixture(scope="module")
def model(name: str, resources: Resources) -> TrainableClassifier:
    """Return each model, trained on the sample."""
    train, _ = parts()
    return REGISTRY[name](resources).fit(texts_of(train), targets_of(train))


def test_probabilities_are_probabilities(model: TrainableClassifier) -> None:
    """Predictions have one row per text and one column per class, and each row sums to 1."""
    p = model.predict_proba(["Forest fire near the village", "", "🌋 火山"])
    assert p.shape == (3, 2)
    assert p.dtype == np.float64
    assert ((p >= 0) & (p <= 1)).all()
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert list(model.classes_) == [0, 1]


def test_training_improves_the_model(model: TrainableClassifier) -> None:
    """A trained model is far better than chance on held-out tweets."""
    _, held_out = parts()
    verdicts = model.predict_proba(texts_of(held_out))[:, 1] >= 0.5
    assert (verdicts == targets_of(held_out)).mean() > 0.65


def test_a_saved_and_loaded_model_predicts_the_same(
    model: TrainableClassifier,
    name: str,
    sample_artifact: Path,
    use_encoder: UseEncoder,
    other_encoder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The worker serves exactly the model that training measured; the encoder is loaded once for all models."""
    monkeypatch.setattr(use, "UseEncoder", lambda _folder, _engine, device: use_encoder)
    texts = texts_of(load_dataset(SAMPLE).labelled)[:40]
    saved = model.save(tmp_path, "stage")
    if saved.kind in {"use", "pieces"}:
        shutil.copytree(sample_artifact / "use", tmp_path / "use")
    if saved.kind == "encoder":
        shutil.copytree(other_encoder, tmp_path / OTHER_FOLDER)
    spec = StageSpec(name="stage", kind=saved.kind, files=saved.files, text=saved.text)
    loaded, own = load_classifier(tmp_path, spec), saved.kind == "encoder"  # which may be served in int8
    np.testing.assert_allclose(loaded.predict_proba(texts), model.predict_proba(texts), atol=0.01 if own else 1e-5)
    assert isinstance(loaded, ReadsSome) == isinstance(model, ReadsSome) == own
    if isinstance(loaded, KnowsWords):
        known, foreign = (loaded.predict_known(some)[1].mean() for some in (texts, ["Árvíztűrő tükörfúrógép zsírkő"]))
        assert foreign < 0.5 < known, "audits are divided by what a first stage knows of a text"
    assert isinstance(loaded, KnowsWords) == (name in {"baseline", "use_pieces"})


def test_the_same_seed_gives_the_same_model(model: TrainableClassifier, resources: Resources, name: str) -> None:
    """Training is reproducible, and recording it does not change the model."""
    train, held_out = parts()
    watch = Watch(texts_of(held_out)[:20], targets_of(held_out)[:20], Path(mkdtemp()))
    again = REGISTRY[name](replace(resources, watch=watch)).fit(texts_of(train), targets_of(train))
    texts = texts_of(held_out)
    np.testing.assert_array_equal(again.predict_proba(texts), model.predict_proba(texts))
    if isinstance(model, Network):
        assert [set(epoch) for epoch in watch.epochs] == [{"loss", "accuracy", "val_loss", "val_accuracy"}] * EPOCHS
        assert list(watch.folder.rglob("events.*")), "the logs of TensorBoard"


def test_every_format_predicts_the_same(model: TrainableClassifier, tmp_path: Path) -> None:
    """A Keras model reloaded from .keras, HDF5 or SavedModel makes the same predictions."""
    if not isinstance(model, Network):
        pytest.skip("not a Keras model: it has one format")
    texts = texts_of(load_dataset(SAMPLE).labelled)[:20]
    saved = model.save(tmp_path, "stage")
    path = tmp_path / "formats.keras"
    hdf5, saved_model = export_formats(saved.network, path)
    inputs = model.inputs(texts)
    expected = model.predict_proba(texts)[:, 1:]
    for file in (path, hdf5):
        loaded = keras().models.load_model(file, compile=False)
        np.testing.assert_allclose(loaded(inputs, training=False), expected, atol=1e-5)
    served = tensorflow().saved_model.load(str(saved_model))
    np.testing.assert_allclose(served.serve(tensorflow().constant(inputs)), expected, atol=1e-5)


TRAINABLE = {
    "simple_dense": 1_280_129,
    "lstm": 1_329_473,
    "gru": 1_317_313,
    "bidirectional": 1_378_945,
    "conv1d": 1_300_545,
    "tf_hub_sentence_encoder": 32_897,
    "tf_hub_10_percent_data": 32_897,
}


def test_a_network_has_the_size_of_the_courses(model: TrainableClassifier, name: str) -> None:
    """Each network has exactly as many trainable parameters as the course's: it is the same network."""
    if isinstance(model, Network):
        assert model.size.trainable == TRAINABLE[name]
    encoder = 65_540_000 if name.startswith(("tf_hub", "use_svm")) else 0  # the embedding table alone has these
    assert model.size.parameters >= model.size.trainable + encoder


def test_a_model_names_the_texts_that_it_passes_to_the_encoder(name: str) -> None:
    """Encoding the named texts before training is enough: training and prediction ask for no others."""
    train, held_out = (part.head(100) for part in parts())
    texts, encoder = texts_of(held_out), RecordingEncoder()
    resources = Resources(CachedEncoder(encoder), seed=1, other_encoder=CachedReader(encoder))
    named = REGISTRY[name](resources).encoder_texts([*texts_of(train), *texts])
    model = REGISTRY[name](resources).fit(texts_of(train), targets_of(train))
    model.predict_proba(texts)
    assert set(encoder.asked) <= set(named)
    assert (
        bool(encoder.asked)
        == bool(named)
        == (model.save(Path(mkdtemp()), "stage").kind in {"use", "pieces", "encoder"})
    )


def test_the_ten_percent_are_the_courses(kaggle: Path) -> None:
    """The head on 10 % trains on 686 training tweets, 271 of them disasters, and on no held-out tweet."""
    encoder = RecordingEncoder()
    parts = split(load_dataset(kaggle).labelled)
    watched = Resources(CachedEncoder(encoder), seed=1)
    REGISTRY["tf_hub_10_percent_data"](watched).fit(texts_of(parts.train), targets_of(parts.train))
    of_train = dict(zip(texts_of(parts.train), targets_of(parts.train).tolist(), strict=True))
    assert len(encoder.asked) in range(680, 687), "686 tweets; equal texts are encoded once"
    assert set(encoder.asked) <= of_train.keys()
    assert sum(of_train[text] for text in encoder.asked) == pytest.approx(271, abs=6)


def test_the_vocabulary_is_the_courses(kaggle: Path) -> None:
    """The vocabulary has 10,000 words and begins like the course's; texts have 15 words, the mean length."""
    vectorizer = build_vectorizer(texts_of(split(load_dataset(kaggle).labelled).train))
    words = [str(word) for word in vectorizer.get_vocabulary()]
    assert words[:5] == ["", "[UNK]", "the", "a", "in"]
    assert len(words) == 10_000
    assert vectorizer(tensorflow().constant(["a flood"])).shape == (1, 15)


def test_the_baseline_is_the_notebooks(kaggle: Path, resources: Resources) -> None:
    """The baseline's accuracy on the notebook's split equals the notebook's to the last digit."""
    parts = split(load_dataset(kaggle).labelled)
    baseline = REGISTRY["baseline"](resources).fit(texts_of(parts.train), targets_of(parts.train))
    verdicts = baseline.predict_proba(texts_of(parts.held_out)).argmax(axis=1)
    assert (verdicts == targets_of(parts.held_out)).mean() == 0.7926509186351706


def test_the_svm_network_has_the_regressions_margins(resources: Resources) -> None:
    """The network that serves the least-squares support vector machine computes its margins."""
    train, held_out = parts()
    texts, targets = texts_of(train), targets_of(train)
    machine = Svm(resources.encoder).fit(texts, targets)
    encoded = map(resources.encoder.encode, (texts, texts_of(held_out)))
    vectors = [unit(v) for v in encoded]
    margins = KernelRidge(vectors[0], targets, landmarks=2000).margins(vectors[1])
    p = machine.predict_proba(texts_of(held_out))[:, 1]
    np.testing.assert_allclose(np.log(p / (1 - p)) / 3, margins, atol=1e-3)
