"""What a sentence encoder's graph takes and returns."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from tests.tiny_encoder import INPUTS, tiny_graph, write_tiny_encoder
from training.encoder.onnx_nodes import GraphWriter, array
from training.sentence_encoder.export import open_other_encoder
from worker.errors import DataError

WIDTH = 64


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of an encoder."""
    return write_tiny_encoder(tmp_path)


def test_the_settings_are_found_by_trying_it(folder: Path) -> None:
    """Output, pooling, width and length follow from the graph and the folder's files."""
    settings = open_other_encoder(folder).settings
    assert (settings.output, settings.pooling, settings.dimensions) == ("last_hidden_state", "mean", WIDTH)
    assert (settings.longest, settings.name) == (64, folder.name)


def returning(operation: str, name: str = "result") -> bytes:
    """Return a graph of the right inputs whose output is made of them by one operation."""
    graph = GraphWriter()
    x = graph.add("Cast", INPUTS[0], to=TensorProto.FLOAT)
    result = {
        "per text": lambda: graph.add("ReduceMean", graph.add("Unsqueeze", x, _axis(graph, 2)), axes=[1], keepdims=0),
        "per number": lambda: x,
        "one": lambda: graph.add("ReduceMean", x, keepdims=0),
        "fixed": lambda: graph.add("Reshape", x, graph.constant([1, 4, 1], np.int64)),
    }[operation]()
    return graph.write([array(i, np.int64, ["texts", "pieces"]) for i in INPUTS[:2]], result, name)


def _axis(graph: GraphWriter, n: int) -> str:
    return graph.constant([n], np.int64)


def test_a_graph_that_pools_itself_is_left_alone(folder: Path) -> None:
    """Its output is the vector."""
    (folder / "model.onnx").write_bytes(returning("per text", "sentence_embedding"))
    settings = open_other_encoder(folder).settings
    assert (settings.output, settings.pooling, settings.dimensions) == ("sentence_embedding", "none", 1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no graph", "is not an ONNX model"),
        (tiny_graph(("input_ids", "lengths")), "takes input_ids, lengths; a sentence encoder takes attention_mask"),
        (tiny_graph(dtype=np.float32), "in another type than whole numbers"),
        (returning("one"), r"has shape \(\) for 2 texts of \d+ pieces"),
        (returning("fixed"), "does not run here"),
    ],
)
def test_another_graph_is_refused(folder: Path, content: bytes, message: str) -> None:
    """One line says what is wrong, before anything is trained."""
    (folder / "model.onnx").write_bytes(content)
    with pytest.raises(DataError, match=message) as refused:
        open_other_encoder(folder)
    assert "\n" not in str(refused.value)


def changed(folder: Path, **fields: object) -> None:
    """Change fields of the model."""
    model = onnx.load(folder / "model.onnx")
    for name, value in fields.items():
        setattr(model, name, value)
    onnx.save(model, folder / "model.onnx")


def test_a_graph_of_a_later_version_is_refused(folder: Path) -> None:
    """ONNX Runtime's own message says which version it reads."""
    changed(folder, ir_version=99)
    with pytest.raises(DataError, match=r"does not run here: .*IR version: 99"):
        open_other_encoder(folder)


def test_a_graph_without_floats_is_refused(folder: Path) -> None:
    """Vectors of whole numbers are another kind of encoder's."""
    model = onnx.load(folder / "model.onnx")
    del model.graph.output[:]
    model.graph.output.append(helper.make_tensor_value_info("codes", TensorProto.INT8, None))
    onnx.save(model, folder / "model.onnx")
    with pytest.raises(DataError, match=r"returns no floats, only codes \(int8\)"):
        open_other_encoder(folder)


def test_weights_in_other_files_are_read_and_missed(folder: Path) -> None:
    """A large model keeps them beside the graph; without them, or outside of the folder, it is refused."""
    model = onnx.load(folder / "model.onnx")
    onnx.save(model, folder / "model.onnx", save_as_external_data=True, location="model.onnx_data", size_threshold=0)
    graph = open_other_encoder(folder).graph
    assert not any(tensor.external_data for tensor in graph.graph.initializer), "they are in the artifact's graph"
    (folder / "model.onnx_data").rename(folder.parent / "model.onnx_data")
    with pytest.raises(DataError, match=r"keeps weights in model.onnx_data, which is not beside it"):
        open_other_encoder(folder)


def test_a_layer_that_the_graph_lacks_is_refused(folder: Path) -> None:
    """A vector without it would be another one than the model's."""
    (folder / "modules.json").write_text('[{"type": "sentence_transformers.models.Dense"}]')
    with pytest.raises(DataError, match=r"has a layer after pooling \(Dense\), which its graph lacks"):
        open_other_encoder(folder)
