"""What a SavedModel would do when it runs."""

from collections.abc import Iterator
from pathlib import Path

from worker.errors import ArtifactError
from worker.models.tensorflow import tensorflow

UNSAFE = {"ReadFile", "WriteFile", "MatchingFiles", "PyFunc", "PyFuncStateless", "EagerPyFunc"}
"""Operations that reach outside of a graph. Scanners of models (Protect AI's modelscan, say) refuse the first two."""


def refuse_unsafe_graph(folder: Path) -> None:
    """Look through a SavedModel's operations before it is loaded.

    Raises:
        ArtifactError: it is none, or an operation reads or writes files, or calls Python.

    """
    path = folder / "saved_model.pb"
    unsafe = UNSAFE & set(_operations(path))
    if unsafe:
        raise ArtifactError(f"{path} would reach outside of its graph ({', '.join(sorted(unsafe))}); do not trust it")


def _operations(path: Path) -> Iterator[str]:
    tensorflow()
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    try:
        model = SavedModel.FromString(path.read_bytes())
    except (OSError, DecodeError) as error:
        raise ArtifactError(f"{path} is not a TensorFlow SavedModel: {error}") from error
    for meta in model.meta_graphs:
        nodes = [meta.graph_def.node, *(function.node_def for function in meta.graph_def.library.function)]
        yield from (node.op for part in nodes for node in part)
