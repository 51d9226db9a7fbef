"""The Universal Sentence Encoder in an artifact's folder."""

from pathlib import Path

import numpy as np
import pytest

from worker.errors import ArtifactError
from worker.models.encoder import selection
from worker.models.encoder.engine import Vectors
from worker.models.encoder.selection import FLOAT32, INT8, Probes
from worker.models.use import EncoderCache, UseEncoder
from worker.types import Floats


def test_stages_share_an_encoder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two stages that name the same folder load its encoder once: memory and tokens are shared."""
    monkeypatch.setattr("worker.models.use.UseEncoder", lambda folder, engine, device: [folder, engine, device])
    encoders = EncoderCache()
    assert encoders.load(tmp_path / "use") is encoders.load(tmp_path / "use")
    assert encoders.load(tmp_path / "other") is not encoders.load(tmp_path / "use")


class Picky:
    """A head that gives vectors other labels than those of float32, unless they are in a type that it likes.

    Args:
        expected: the vectors in float32.
        liked: the same texts' vectors in other types.

    """

    def __init__(self, expected: Vectors, *liked: Vectors) -> None:
        self._alike = [expected, *liked]

    def __call__(self, vectors: Vectors) -> Floats:
        """Return P(disaster), shape (n,)."""
        alike = any(np.array_equal(vectors, found) for found in self._alike)
        return np.full(len(vectors), 0.9 if alike else 0.1)


def test_a_type_that_changes_labels_is_not_taken(sample_artifact: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next type is taken instead of a faster one if a stage's head labels the probe texts otherwise with it."""
    monkeypatch.setattr(selection, "_seconds", lambda encoder, _texts: 1.0 if encoder.arithmetic == INT8 else 2.0)
    encoder, expected = UseEncoder(sample_artifact / "use"), Probes.load(sample_artifact / "use").vectors
    assert encoder._confirmed
    found = {candidate.encoder.arithmetic: candidate.vectors for candidate in encoder._confirmed._candidates}
    encoder.confirm(Picky(expected, *found.values()))
    assert set(found) == {INT8, FLOAT32}
    for arithmetic in (INT8, FLOAT32):
        chosen = UseEncoder(sample_artifact / "use")
        chosen.confirm(Picky(expected, found[arithmetic]))
        assert chosen.arithmetic == arithmetic
        assert np.isfinite(chosen.encode(["still there"])).all()


def test_an_encoder_whose_labels_nothing_confirms_is_refused(sample_artifact: Path) -> None:
    """A worker does not start with labels that training has not seen."""
    encoder = UseEncoder(sample_artifact / "use", only=INT8)
    with pytest.raises(ArtifactError, match="no engine gives the probe texts of .* the labels of float32"):
        encoder.confirm(Picky(Probes.load(sample_artifact / "use").vectors))
