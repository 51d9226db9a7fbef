"""A sentence encoder of others in an artifact: the selected type, and what it can read."""

from pathlib import Path

import numpy as np
import pytest

from tests.tiny_encoder import write_tiny_encoder
from training.data.dataset import SAMPLE, load_dataset, texts_of
from training.sentence_encoder.export import export_other_encoder, open_other_encoder
from worker.errors import ArtifactError
from worker.models.encoder.engine import Vectors
from worker.models.encoder.selection import FLOAT32
from worker.models.sentence_encoder.classifier import ReadingClassifier
from worker.models.sentence_encoder.served import ServedEncoder

ENGLISH, OTHER = "fire in the city", "\u706b\u5c71\u706b\u5c71 \u706b"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an exported encoder."""
    path = tmp_path_factory.mktemp("served")
    texts = texts_of(load_dataset(SAMPLE).labelled)
    export_other_encoder(open_other_encoder(write_tiny_encoder(path / "model")), path / "encoder", texts)
    return path / "encoder"


def test_a_text_of_unknown_words_cannot_be_read(folder: Path) -> None:
    """The encoder says so of a language that it does not know."""
    assert ServedEncoder(folder).readable([ENGLISH, OTHER, ""]).tolist() == [True, False, True]


def test_texts_that_cannot_be_read_are_not_encoded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They cost a tokenization, not the network."""
    encoder, asked = ServedEncoder(folder), list[str]()
    encode = encoder.encode

    def recorded(texts: list[str]) -> Vectors:
        asked.extend(texts)
        return encode(texts)

    monkeypatch.setattr(encoder, "encode", recorded)
    classifier = ReadingClassifier(encoder, lambda vectors: np.full(len(vectors), 0.9))
    p, readable = classifier.predict_readable([OTHER, ENGLISH])
    assert (asked, readable.tolist(), p[1].round(1).tolist()) == ([ENGLISH], [False, True], [0.1, 0.9])
    assert classifier.predict_proba([OTHER]).shape == (1, 2)


def test_it_has_no_pieces_for_other_models(folder: Path) -> None:
    """The piece network is USE's."""
    with pytest.raises(ArtifactError, match="has no pieces"):
        _ = ServedEncoder(folder).packed


def test_a_head_that_nothing_confirms_is_refused(folder: Path) -> None:
    """A worker does not start with labels that training has not seen."""
    encoder = ServedEncoder(folder, only=FLOAT32)
    answers = iter([np.full(64, 0.1), np.full(64, 0.9)])
    with pytest.raises(ArtifactError, match="labels of float32"):
        encoder.confirm(lambda _vectors: next(answers))
