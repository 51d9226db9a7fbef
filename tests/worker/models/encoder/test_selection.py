"""Selection of the engine and the type by measurement."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from worker.errors import ArtifactError, SettingError
from worker.models.encoder import selection
from worker.models.encoder.packed_encoder import EncoderFiles, PackedEncoder
from worker.models.encoder.selection import FLOAT32, GPU, INT8, TENSORFLOW, Probes, least_cosine, measure
from worker.models.use import UseEncoder


@pytest.mark.parametrize("slow", [INT8, FLOAT32], ids=str)
def test_the_faster_type_is_taken(slow: object, sample_artifact: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time on this machine decides, whatever flags its CPU has."""
    monkeypatch.setattr(selection, "_seconds", lambda encoder, _texts: 2.0 if encoder.arithmetic == slow else 1.0)
    encoder = UseEncoder(sample_artifact / "use")
    assert {encoder.arithmetic} == {INT8, FLOAT32} - {slow}


def test_both_types_are_timed(sample_artifact: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The log says how long each type takes for a text."""
    caplog.set_level("INFO")
    UseEncoder(sample_artifact / "use")
    [message] = [record.getMessage() for record in caplog.records if record.name == selection.__name__]
    assert message.count("onnx int8 ") == message.count("onnx float32 ") == 1


def test_a_type_that_computes_other_vectors_is_not_taken(
    sample_artifact: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A CPU or a library that multiplies wrongly does not label: the next type does."""
    encode = PackedEncoder.encode

    def wrong(encoder: PackedEncoder, texts: list[str]) -> np.ndarray:
        vectors = encode(encoder, texts)
        return vectors[:, ::-1] if encoder.arithmetic == INT8 else vectors

    monkeypatch.setattr(PackedEncoder, "encode", wrong)
    assert UseEncoder(sample_artifact / "use").arithmetic == FLOAT32
    with pytest.raises(
        ArtifactError, match=r"does not reproduce the vectors .* in onnx int8; train the artifact again"
    ):
        UseEncoder(sample_artifact / "use", only=INT8)


def test_vectors_that_are_not_finite_are_not_reproduced() -> None:
    """A vector of NaN has no cosine that is large enough."""
    assert not least_cosine(np.full((1, 2), np.nan, np.float32), np.ones((1, 2), np.float32)) >= selection.LEAST_COSINE


def test_tensorflow_is_measured_where_it_is_asked_for(sample_artifact: Path) -> None:
    """One artifact serves both engines; TensorFlow's two types are timed as well."""
    folder = sample_artifact / "use"
    found = measure(EncoderFiles(folder), TENSORFLOW, Probes.load(folder))
    assert {candidate.encoder.arithmetic for candidate in found} == {*TENSORFLOW}
    assert all(candidate.seconds > 0 for candidate in found)
    assert UseEncoder(folder, "tensorflow").arithmetic in TENSORFLOW


def test_onnx_cannot_serve_a_saved_model(tmp_path: Path) -> None:
    """The message names the flag's other values."""
    (tmp_path / "use").mkdir()
    with pytest.raises(ArtifactError, match="needs --engine tensorflow or auto"):
        UseEncoder(tmp_path / "use", "onnx")


def test_a_damaged_graph_is_reported(sample_artifact: Path, tmp_path: Path) -> None:
    """A file that is not an ONNX model ends in a one-line error that names it."""
    folder = Path(shutil.copytree(sample_artifact / "use", tmp_path / "use"))
    (folder / "int8.onnx").write_bytes(b"no model")
    with pytest.raises(ArtifactError, match=r"int8.onnx is not an ONNX model"):
        UseEncoder(folder)


def test_the_cpu_serves_where_the_gpu_fails(sample_artifact: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A GPU that is there and does not start is one line in the log; here no ONNX Runtime has its provider."""
    folder = sample_artifact / "use"
    [found] = measure(EncoderFiles(folder), (GPU[0], INT8), Probes.load(folder))
    assert found.encoder.arithmetic == INT8
    [message] = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert message.startswith("onnx-cuda float16 cannot serve on this GPU: ")
    with pytest.raises(SettingError, match="--device gpu: USE runs on this GPU in no type, see the log"):
        measure(EncoderFiles(folder), GPU, Probes.load(folder))
