"""Export of a sentence encoder of others into an artifact."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from tests.tiny_encoder import write_tiny_encoder
from training.data.dataset import SAMPLE, load_dataset, texts_of
from training.encoder.probes import probe_texts
from training.sentence_encoder import export
from training.sentence_encoder.export import OtherEncoder, export_other_encoder, open_other_encoder
from training.sentence_encoder.quantization import quantized_graph
from worker.models.encoder import selection
from worker.models.encoder.selection import FLOAT32, INT8, Probes, Selectable
from worker.models.onnx import OnnxModel
from worker.models.sentence_encoder.encoder import SentenceEncoderFiles
from worker.models.sentence_encoder.served import ServedEncoder

TEXTS = texts_of(load_dataset(SAMPLE).labelled)


@pytest.fixture
def opened(tmp_path: Path) -> OtherEncoder:
    """Return the tiny encoder."""
    return open_other_encoder(write_tiny_encoder(tmp_path / "model"))


def faster(monkeypatch: pytest.MonkeyPatch, fastest: object) -> None:
    """Let one of the types be measured faster."""

    def seconds(encoder: Selectable, _texts: list[str]) -> float:
        return 1.0 if encoder.arithmetic == fastest else 2.0

    monkeypatch.setattr(selection, "_seconds", seconds)


def test_int8_is_kept_where_it_is_faster(opened: OtherEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Training and worker take it; both graphs are in the artifact."""
    faster(monkeypatch, INT8)
    assert export_other_encoder(opened, tmp_path / "encoder", TEXTS) == INT8
    assert SentenceEncoderFiles(tmp_path / "encoder").types == [FLOAT32, INT8]


def test_a_slower_int8_is_not_kept(opened: OtherEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The artifact is not larger for nothing."""
    faster(monkeypatch, FLOAT32)
    assert export_other_encoder(opened, tmp_path / "encoder", TEXTS) == FLOAT32
    assert SentenceEncoderFiles(tmp_path / "encoder").types == [FLOAT32]


def test_an_int8_with_other_vectors_is_not_kept(
    opened: OtherEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However fast it is, it must reproduce the vectors of the probe texts."""
    faster(monkeypatch, INT8)
    other = onnx.load_model_from_string(opened.graph.SerializeToString())
    matrix = next(t for t in other.graph.initializer if list(t.dims) == [64, 64])
    matrix.CopyFrom(onnx.numpy_helper.from_array(-4 * onnx.numpy_helper.to_array(matrix), matrix.name))
    monkeypatch.setattr(export, "quantized_graph", lambda _graph, _batches: other.SerializeToString())
    assert export_other_encoder(opened, tmp_path / "encoder", TEXTS) == FLOAT32


def test_the_probes_are_texts_that_it_can_read(opened: OtherEncoder, tmp_path: Path) -> None:
    """A type is not refused for the vectors of texts that the stage leaves to others."""
    export_other_encoder(opened, tmp_path / "encoder", [text for text in TEXTS if text.isascii()])
    encoder, probes = ServedEncoder(tmp_path / "encoder"), Probes.load(tmp_path / "encoder").texts
    assert encoder.readable(probes).all()
    assert 8 < len(probes) < len(probe_texts())


def test_most_training_texts_can_be_read(opened: OtherEncoder, tmp_path: Path) -> None:
    """The limit is where one in twenty of the training texts is split more."""
    export_other_encoder(opened, tmp_path / "encoder", TEXTS)
    files = SentenceEncoderFiles(tmp_path / "encoder")
    share = float((files.tokenize(TEXTS).split <= files.settings.most_split).mean())
    assert 0.95 <= share < 0.99


def test_the_products_are_of_whole_numbers(opened: OtherEncoder) -> None:
    """The quantized graph has no product by a constant matrix in float32, and its values differ by rounding only."""
    ids = np.arange(4, 84).reshape(4, 20)
    inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
    content = quantized_graph(opened.graph, [inputs])
    assert content is not None
    constants = {tensor.name for tensor in opened.graph.graph.initializer}
    nodes = onnx.load_model_from_string(content).graph.node
    assert not [node for node in nodes if node.op_type == "MatMul" and node.input[1] in constants]
    expected, found = (OnnxModel(c)(inputs) for c in (opened.graph.SerializeToString(), content))
    assert 0 < np.abs(expected - found).max() < 0.05


def test_a_graph_without_products_is_not_quantized() -> None:
    """There would be nothing to gain."""
    assert quantized_graph(onnx.ModelProto(), []) is None
