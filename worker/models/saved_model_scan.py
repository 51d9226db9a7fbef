"""What a SavedModel would do when it runs: a net for the best-known dangers, as scanners of models have, no sandbox."""

import re
from collections.abc import Iterator
from pathlib import Path

from worker.errors import ArtifactError
from worker.models.tensorflow import tensorflow

UNSAFE = re.compile(
    r"(Read|Write)File|MatchingFiles|(Eager)?PyFunc(Stateless)?|PrintV2|Print|(TextLine|TFRecord|FixedLengthRecord)\w*"
    r"|(WholeFile|Identity|LMDB)Reader\w*|\w*SummaryWriter\w*|Write\w*Summary|LoadDataset\w*|SaveDataset\w*|\w*Rpc\w*"
)
"""Operations that reach files, the network or Python. A graph has no honest need of them to classify a text; Save,
Restore and table initialisers, which touch files too, every honest SavedModel may have."""


def refuse_unsafe_graph(folder: Path) -> None:
    """Look through a SavedModel's operations before it is loaded.

    Raises:
        ArtifactError: it is none, or an operation is one of the unsafe ones.

    """
    path = folder / "saved_model.pb"
    unsafe = {name for name in set(_operations(path)) if UNSAFE.fullmatch(name)}
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
