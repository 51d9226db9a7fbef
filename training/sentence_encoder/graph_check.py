"""What a sentence encoder's graph takes and returns, checked before anything is trained."""

from pathlib import Path
from typing import TypeAlias

import numpy as np
import onnx
from onnx import TensorProto, external_data_helper
from onnx.helper import tensor_dtype_to_np_dtype

from training.sentence_encoder.model_folder import ModelFolder
from worker.errors import ArtifactError, DataError
from worker.models.onnx import OnnxModel
from worker.models.sentence_encoder.encoder import run
from worker.models.sentence_encoder.encoder_settings import EncoderSettings
from worker.models.sentence_encoder.padding import pad
from worker.models.sentence_encoder.word_pieces import WordPieces

Graph: TypeAlias = onnx.ModelProto
_REQUIRED, _OPTIONAL = {"input_ids", "attention_mask"}, {"token_type_ids"}
_WHOLE, _FLOATS = {TensorProto.INT64, TensorProto.INT32}, {TensorProto.FLOAT, TensorProto.FLOAT16}
_PREFERRED = ("sentence_embedding", "last_hidden_state", "token_embeddings")
_TRIED = ["Forest fire near the village", "Fire"]


def load_graph(path: Path) -> Graph:
    """Return the graph, with the weights that stand in other files.

    Raises:
        DataError: it is not an ONNX model, or a file of its weights is missing.

    """
    try:
        graph = onnx.load(path, load_external_data=False)
    except Exception as error:  # protobuf's own types
        raise DataError(f"{path} is not an ONNX model: {error}") from error
    missing = sorted({name for name in _external_files(graph) if not _is_inside(path.parent, name)})
    if missing:
        raise DataError(f"{path} keeps weights in {', '.join(missing)}, which is not beside it; copy it there")
    try:
        external_data_helper.load_external_data_for_model(graph, str(path.parent))
    except Exception as error:  # onnx' own types
        raise DataError(f"the weights of {path} do not load: {error}") from error
    return graph


def _external_files(graph: Graph) -> list[str]:
    tensors = [t for t in graph.graph.initializer if external_data_helper.uses_external_data(t)]
    return [entry.value for tensor in tensors for entry in tensor.external_data if entry.key == "location"]


def _is_inside(folder: Path, name: str) -> bool:
    path = folder / name
    return path.is_file() and path.resolve().is_relative_to(folder.resolve())


def check_graph(name: str, found: ModelFolder, graph: Graph) -> EncoderSettings:
    """Return the settings of an encoder whose graph takes and returns what is needed; it is tried on two texts.

    Args:
        name: of the encoder.
        found: its folder.
        graph: that of the folder.

    Raises:
        DataError: it does not, or this version of ONNX Runtime does not run it.
        ArtifactError: the tokenizer does not load.

    """
    _check_inputs(found.graph, graph)
    output = _output(found.graph, graph)
    tried = _try(found, graph, output)
    if tried.ndim == 3 and found.layers:
        raise DataError(
            f"{found.graph.parent} has a layer after pooling ({', '.join(found.layers)}), which its graph lacks; "
            "export the whole model, with an output sentence_embedding"
        )
    return EncoderSettings(
        name=name,
        output=output,
        pooling=found.pooling if tried.ndim == 3 else "none",
        dimensions=tried.shape[-1],
        longest=found.longest,
    )


def _check_inputs(path: Path, graph: Graph) -> None:
    weights = {tensor.name for tensor in graph.graph.initializer}
    types = {i.name: i.type.tensor_type.elem_type for i in graph.graph.input if i.name not in weights}
    wanted = f"{', '.join(sorted(_REQUIRED))} and perhaps {', '.join(_OPTIONAL)}"
    if not _REQUIRED <= types.keys() <= _REQUIRED | _OPTIONAL:
        raise DataError(f"{path} takes {', '.join(types) or 'nothing'}; a sentence encoder takes {wanted}")
    if others := [name for name, of in types.items() if of not in _WHOLE]:
        raise DataError(f"{path} takes {', '.join(others)} in another type than whole numbers of 32 or 64 bits")


def _output(path: Path, graph: Graph) -> str:
    """Return the name of the output to read: of a usual name, else the first one of floats."""
    floats = [o.name for o in graph.graph.output if o.type.tensor_type.elem_type in _FLOATS]
    if not floats:
        raise DataError(f"{path} returns no floats, only {', '.join(_described(o) for o in graph.graph.output)}")
    return next((name for name in _PREFERRED if name in floats), floats[0])


def _described(output: onnx.ValueInfoProto) -> str:
    kind = output.type.tensor_type.elem_type
    return f"{output.name} ({tensor_dtype_to_np_dtype(kind) if kind else 'no tensor'})"


def _reason(error: Exception) -> str:
    """Return an error of ONNX Runtime in one line, without the signature of its C++ function."""
    return " ".join(str(error).split()).rpartition("&) ")[2][:300]


def _try(found: ModelFolder, graph: Graph, output: str) -> np.ndarray:
    """Return the output for two texts of different lengths."""
    ids, mask = pad(WordPieces(found.tokenizer, found.longest)(_TRIED).pieces)
    try:
        vectors = run(OnnxModel(graph.SerializeToString(), output=output), ids, mask)
    except ArtifactError:
        raise
    except Exception as error:  # ONNX Runtime raises types of its own, protobuf for more than 2 GiB
        raise DataError(f"{found.graph} does not run here: {_reason(error)}") from error
    of_texts, of_pieces = (len(_TRIED),), ids.shape
    if vectors.shape[:-1] not in {of_texts, of_pieces} or not vectors.shape[-1]:
        raise DataError(
            f"the output {output} of {found.graph} has shape {vectors.shape} for {ids.shape[0]} texts of "
            f"{ids.shape[1]} pieces, neither a vector for each text nor one for each piece"
        )
    return vectors
