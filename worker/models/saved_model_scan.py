"""Scan of a SavedModel for operations that reach outside its graph.

It knows the best-known dangers, as other scanners of models do. It is a net, not a sandbox.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from worker.errors import ArtifactError
from worker.models.tensorflow import tensorflow

UNSAFE = re.compile(
    r"(Read|Write)File|MatchingFiles|(Eager)?PyFunc(Stateless)?|PrintV2|Print|(TextLine|TFRecord|FixedLengthRecord)\w*"
    r"|(WholeFile|Identity|LMDB)Reader\w*|\w*SummaryWriter\w*|Write\w*Summary|LoadDataset\w*|SaveDataset\w*|\w*Rpc\w*"
)
"""Operations that reach files, the network or Python. A text classifier does not need them. Save, Restore and table
initializers reach files too, but every SavedModel may have them, so they are allowed."""


def refuse_unsafe_graph(folder: Path) -> None:
    """Scan a SavedModel's operations before it is loaded.

    Raises:
        ArtifactError: the folder does not hold a SavedModel, or an operation is unsafe.

    """
    path = folder / "saved_model.pb"
    unsafe = {name for name in set(_operations(path)) if UNSAFE.fullmatch(name)}
    if unsafe:
        raise ArtifactError(f"{path} has operations that reach outside its graph: {', '.join(sorted(unsafe))}")


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
