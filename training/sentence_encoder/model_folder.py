"""The folder of a sentence encoder as models' repositories ship it: where its graph is, and what its files say."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from worker.errors import DataError
from worker.models.sentence_encoder.encoder_settings import LONGEST, TOKENIZER_JSON, Pooling

_GRAPHS = ("model.onnx", "onnx/model.onnx")
_POOLING = "1_Pooling/config.json"
_MODES: dict[str, Pooling] = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls"}
_LENGTHS = (
    ("sentence_bert_config.json", ("max_seq_length",)),
    (TOKENIZER_JSON, ("truncation", "max_length")),
    ("tokenizer_config.json", ("model_max_length",)),
    ("config.json", ("max_position_embeddings",)),
)
_LEAST = 3  # pieces: a text has two special ones


class ModelFolder(NamedTuple):
    """What a folder holds."""

    graph: Path
    tokenizer: Path
    pooling: Pooling
    """Of the vectors of pieces, if the graph returns those."""
    longest: int
    """Pieces of a text."""
    layers: list[str]
    """What its `modules.json` lists after pooling, such as `Dense`, but for the normalization."""


def read_model_folder(folder: Path) -> ModelFolder:
    """Return what the folder holds; nothing is loaded.

    Raises:
        DataError: it lacks a graph or a tokenizer, or asks for a pooling that is not known.

    """
    if not folder.is_dir():
        raise DataError(f"no folder {folder}; give a folder with model.onnx and {TOKENIZER_JSON}")
    graph, tokenizer = _graph(folder), folder / TOKENIZER_JSON
    if not tokenizer.is_file():
        raise DataError(
            f"{folder} has no {TOKENIZER_JSON}; save it with the model's fast tokenizer: "
            "tokenizer.backend_tokenizer.save('tokenizer.json')"
        )
    return ModelFolder(graph, tokenizer, _pooling(folder), _longest(folder), list(_layers(folder)))


def _graph(folder: Path) -> Path:
    """Return the path of the graph: of a usual name, or the only one."""
    named = [folder / name for name in _GRAPHS if (folder / name).is_file()]
    found = named or sorted(folder.glob("*.onnx"))
    if not found:
        raise DataError(
            f"{folder} has no model.onnx; export it: optimum-cli export onnx --task feature-extraction --model MODEL "
            f"{folder}"
        )
    if not named and len(found) > 1:
        raise DataError(f"{folder} has {', '.join(path.name for path in found)}; call the one to use model.onnx")
    return found[0]


def _pooling(folder: Path) -> Pooling:
    asked = [name for name, value in _object(folder / _POOLING).items() if name.startswith("pooling_mode") and value]
    if not asked:
        return "mean"
    if len(asked) > 1 or asked[0] not in _MODES:
        raise DataError(f"{folder / _POOLING} asks for {' and '.join(asked)}; there are {' or '.join(_MODES)}")
    return _MODES[asked[0]]


def _longest(folder: Path) -> int:
    """Return the most pieces of a text: what the first file that says so allows, and at most 512."""
    for file, keys in _LENGTHS:
        value: Any = _object(folder / file)
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, int) and value >= _LEAST:
            return min(value, LONGEST)
    return LONGEST


def _layers(folder: Path) -> Iterator[str]:
    path = folder / "modules.json"
    for module in _json(path) if path.is_file() else []:
        kind = str(module.get("type", "")).rpartition(".")[2] if isinstance(module, dict) else ""
        if kind not in {"Transformer", "Pooling", "Normalize", ""}:
            yield kind


def _object(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file; an empty one where there is none."""
    found = _json(path) if path.is_file() else {}
    return found if isinstance(found, dict) else {}


def _json(path: Path) -> Any:  # noqa: ANN401 (JSON)
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise DataError(f"cannot read {path}: {error}") from error
