"""Selection of the engine and the type that the encoder runs in, by measurement.

An artifact has probe texts, and their vectors in float32. When it is loaded, every engine and type that may serve
embeds them. Those that reproduce the vectors are timed on one sequence of texts, and the fastest is taken.
"""

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, NamedTuple, Protocol, TypeVar

import numpy as np

from worker.errors import ArtifactError, SettingError
from worker.models.encoder.engine import Engine, Vectors
from worker.models.encoder.gpu_engine import GpuEngine
from worker.models.encoder.onnx_engine import OnnxEngine
from worker.models.encoder.packed_encoder import EncoderFiles, PackedEncoder
from worker.models.encoder.tensorflow_engine import TensorFlowEngine
from worker.models.onnx import CPU
from worker.types import Arithmetic

log = logging.getLogger(__name__)
PROBES = "probes.npz"
INT8, FLOAT32 = Arithmetic("onnx", "int8"), Arithmetic("onnx", "float32")
TENSORFLOW = (Arithmetic("tensorflow", "bfloat16"), Arithmetic("tensorflow", "float32"))
GPU = (Arithmetic("onnx-cuda", "float16"), Arithmetic("onnx-cuda", "float32"))
FLOAT16 = Arithmetic("onnx", "float16")
"""The GPU's graph on the CPU, where it is slow: for tests and `benchmarks.gpu --device cpu`."""
LEAST_COSINE = 0.99
"""Of a probe's vector to its vector in float32; int8 has 0.997 and more."""
_REPEATS = 3
_ENGINES: dict[Arithmetic, Callable[[EncoderFiles], Engine]] = {
    INT8: lambda files: OnnxEngine(files.folder, files.pieces, "int8"),
    FLOAT32: lambda files: OnnxEngine(files.folder, files.pieces, "float32"),
    FLOAT16: lambda files: GpuEngine(files.folder, files.pieces, "float16", CPU),
    GPU[0]: lambda files: GpuEngine(files.folder, files.pieces, "float16"),
    GPU[1]: lambda files: GpuEngine(files.folder, files.pieces, "float32"),
    TENSORFLOW[0]: lambda files: TensorFlowEngine(files.network(), files.pieces, "bfloat16"),
    TENSORFLOW[1]: lambda files: TensorFlowEngine(files.network(), files.pieces, "float32"),
}


class Probes(NamedTuple):
    """Texts, and their vectors in float32, shape (n, d)."""

    texts: list[str]
    vectors: Vectors

    def save(self, folder: Path) -> None:
        """Write them into an encoder's folder."""
        np.savez_compressed(folder / PROBES, texts=np.array(self.texts), vectors=self.vectors)

    @classmethod
    def load(cls, folder: Path) -> "Probes":
        """Read them from an encoder's folder."""
        with np.load(folder / PROBES, allow_pickle=False) as stored:
            return cls(stored["texts"].tolist(), stored["vectors"])


class Selectable(Protocol):
    """An encoder in one engine and type."""

    @property
    def arithmetic(self) -> Arithmetic:
        """Who computes, and in which type."""

    @property
    def texts_timed(self) -> int:
        """Texts to time it on."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape (n texts, d)."""

    def warm_up(self) -> None:
        """Do once what would make the first texts wait."""


AnyEncoder = TypeVar("AnyEncoder", bound=Selectable)


class Candidate(NamedTuple, Generic[AnyEncoder]):
    """An engine and type that reproduces the vectors of the probes."""

    encoder: AnyEncoder
    vectors: Vectors
    """Of the probes."""
    seconds: float
    """For a text, in a sequence of texts."""


def new_encoder(files: EncoderFiles, arithmetic: Arithmetic) -> PackedEncoder:
    """Return the encoder in one engine and type."""
    return PackedEncoder(files, _ENGINES[arithmetic](files))


def measure(files: EncoderFiles, among: Sequence[Arithmetic], probes: Probes) -> list[Candidate[PackedEncoder]]:
    """Return the engines and types that reproduce the vectors of the probes, the fastest first.

    Raises:
        ArtifactError: none does.
        SettingError: no type runs on the GPU, and only a GPU may serve.

    """
    tried = [candidate for arithmetic in among if (candidate := _try(files, arithmetic, probes))]
    if not tried:
        raise SettingError("--device gpu: USE runs on this GPU in no type, see the log; or leave out --device")
    return fastest_first("USE", tried, probes, files.folder)


def timed(encoder: AnyEncoder, probes: Probes) -> Candidate[AnyEncoder]:
    """Return an engine and type with its vectors of the probes and its time."""
    return Candidate(encoder, encoder.encode(probes.texts), _seconds(encoder, probes.texts))


def fastest_first(
    name: str, tried: Sequence[Candidate[AnyEncoder]], probes: Probes, folder: Path
) -> list[Candidate[AnyEncoder]]:
    """Return those of the engines and types that reproduce the vectors of the probes, the fastest first.

    Args:
        name: of the encoder, for the log.
        tried: the same encoder in several engines and types.
        probes: of the encoder.
        folder: of the encoder.

    Raises:
        ArtifactError: none does.

    """
    faithful = [candidate for candidate in tried if least_cosine(candidate.vectors, probes.vectors) >= LEAST_COSINE]
    if not faithful:
        raise ArtifactError(
            f"{folder} does not reproduce the vectors of its own probe texts in "
            f"{' or '.join(str(candidate.encoder.arithmetic) for candidate in tried)}; train the artifact again"
        )
    fastest = sorted(faithful, key=lambda candidate: candidate.seconds)
    log.info("%s, microseconds a text: %s", name, ", ".join(map(_shown, fastest)))
    return fastest


def _try(files: EncoderFiles, arithmetic: Arithmetic, probes: Probes) -> Candidate[PackedEncoder] | None:
    """Return the engine and type with its time; None, and a line in the log, where a GPU fails: the CPU may serve."""
    try:
        return timed(new_encoder(files, arithmetic), probes)
    except Exception as error:  # ONNX Runtime raises types of its own
        if arithmetic not in GPU:
            raise
        log.warning("%s cannot serve on this GPU: %s", arithmetic, str(error).partition("\n")[0][:300])
        return None


def _shown(candidate: Candidate[AnyEncoder]) -> str:
    return f"{candidate.encoder.arithmetic} {candidate.seconds * 1e6:.0f}"


def _seconds(encoder: Selectable, texts: list[str]) -> float:
    """Return the shortest time that a text takes in one of several sequences."""
    row = [texts[n % len(texts)] for n in range(encoder.texts_timed)]
    encoder.encode(row)
    return min(_time(encoder, row) for _ in range(_REPEATS)) / len(row)


def _time(encoder: Selectable, texts: list[str]) -> float:
    start = time.perf_counter()
    encoder.encode(texts)
    return time.perf_counter() - start


def least_cosine(found: Vectors, expected: Vectors) -> float:
    """Return the least cosine of rows of two arrays of unit vectors; not finite if a vector is not."""
    return float((found * expected).sum(axis=1).min(initial=1))
