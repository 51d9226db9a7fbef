"""The folder of a sentence encoder as models' repositories ship it."""

import json
from pathlib import Path

import pytest

from training.sentence_encoder.model_folder import read_model_folder
from worker.errors import DataError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a graph and a tokenizer; nothing of them is read."""
    for name in ("model.onnx", "tokenizer.json"):
        (tmp_path / name).write_text("{}")
    return tmp_path


def write(folder: Path, name: str, content: object) -> None:
    """Write JSON."""
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(content))


@pytest.mark.parametrize("name", ["model.onnx", "onnx/model.onnx", "all-minilm.onnx"])
def test_a_graph_is_found_where_repositories_have_it(folder: Path, name: str) -> None:
    """By a usual name, else the only one."""
    (folder / "model.onnx").unlink()
    write(folder, name, {})
    assert read_model_folder(folder).graph == folder / name


@pytest.mark.parametrize(
    ("files", "longest"),
    [
        ({}, 512),
        ({"config.json": {"max_position_embeddings": 514}}, 512),
        ({"config.json": {"max_position_embeddings": 512}, "tokenizer_config.json": {"model_max_length": 256}}, 256),
        ({"tokenizer_config.json": {"model_max_length": 10**30}}, 512),
        ({"tokenizer.json": {"truncation": {"max_length": 128}}, "config.json": {"max_position_embeddings": 512}}, 128),
        ({"sentence_bert_config.json": {"max_seq_length": 64}, "tokenizer.json": {"truncation": None}}, 64),
    ],
)
def test_the_length_is_what_its_files_say(folder: Path, files: dict[str, object], longest: int) -> None:
    """The first file that says so counts, and no text has more than 512 pieces."""
    for name, content in files.items():
        write(folder, name, content)
    assert read_model_folder(folder).longest == longest


def test_the_pooling_is_what_its_config_says(folder: Path) -> None:
    """The mean, unless sentence-transformers' file names the first piece; nothing else is guessed."""
    assert read_model_folder(folder).pooling == "mean"
    for mode, pooling in (("mean_tokens", "mean"), ("cls_token", "cls")):
        write(folder, "1_Pooling/config.json", {"word_embedding_dimension": 8, f"pooling_mode_{mode}": True})
        assert read_model_folder(folder).pooling == pooling
    write(folder, "1_Pooling/config.json", {"pooling_mode_max_tokens": True, "pooling_mode_cls_token": False})
    with pytest.raises(DataError, match="asks for pooling_mode_max_tokens; there are"):
        read_model_folder(folder)


def test_layers_after_pooling_are_listed(folder: Path) -> None:
    """The graph may lack them."""
    kinds = ["models.Transformer", "models.Pooling", "models.Dense", "models.Normalize"]
    write(folder, "modules.json", [{"type": f"sentence_transformers.{kind}"} for kind in kinds])
    assert read_model_folder(folder).layers == ["Dense"]


def test_what_is_missing_is_said(folder: Path) -> None:
    """Each message names the file, and how to get it."""
    with pytest.raises(DataError, match=r"no folder .*nowhere; give a folder with model.onnx and tokenizer.json"):
        read_model_folder(folder / "nowhere")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(DataError, match=r"has no tokenizer.json; save it"):
        read_model_folder(folder)
    (folder / "model.onnx").unlink()
    with pytest.raises(DataError, match=r"has no model.onnx; export it: optimum-cli"):
        read_model_folder(folder)
    for name in ("a.onnx", "b.onnx"):
        (folder / name).touch()
    with pytest.raises(DataError, match=r"has a.onnx, b.onnx; call the one to use model.onnx"):
        read_model_folder(folder)


def test_a_file_that_is_not_json_is_named(folder: Path) -> None:
    """A broken file is not taken for a missing one."""
    (folder / "config.json").write_text("{")
    with pytest.raises(DataError, match=r"cannot read .*config.json"):
        read_model_folder(folder)
