"""The Universal Sentence Encoder (USE) and the classifiers on it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from worker.errors import ArtifactError
from worker.models.encoder.confirmation import ConfirmedEncoder, Head
from worker.models.encoder.engine import Vectors
from worker.models.encoder.packed_encoder import TOKENIZER, EncoderFiles, PackedEncoder
from worker.models.encoder.packing import Ints
from worker.models.encoder.saved_model import SavedModelEncoder
from worker.models.encoder.selection import FLOAT32, GPU, INT8, TENSORFLOW, Probes, measure
from worker.models.encoder.truncation import truncate
from worker.models.gpu.provider import serves_on_gpu
from worker.models.onnx import load_onnx
from worker.models.piece_network import PieceClassifier, PieceNetwork, Vocabulary
from worker.models.sentence_encoder.classifier import EncoderClassifier, ReadingClassifier
from worker.models.sentence_encoder.served import ServedEncoder
from worker.types import Arithmetic, Floats

EngineChoice = Literal["auto", "onnx", "tensorflow"]
DeviceChoice = Literal["auto", "cpu", "gpu"]
# TensorFlow is not timed unless it is asked for: it takes 5 s to import, and three times the memory of the rest.
_AMONG: dict[EngineChoice, tuple[Arithmetic, ...]] = {
    "auto": (INT8, FLOAT32),
    "onnx": (INT8, FLOAT32),
    "tensorflow": TENSORFLOW,
}
_ON_GPU: dict[DeviceChoice, tuple[Arithmetic, ...]] = {"auto": (*GPU, INT8, FLOAT32), "gpu": GPU}


class Encoder(Protocol):
    """Turns texts into vectors."""

    @property
    def parameters(self) -> int:
        """Number of its parameters."""

    @property
    def arithmetic(self) -> Arithmetic:
        """Who computes, and in which type."""

    @property
    def packed(self) -> Vocabulary:
        """The encoder's pieces; raises ArtifactError where it has none."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return embeddings of shape (n texts, 512)."""


class UseEncoder:
    """The encoder in an artifact's folder: USE packed, or a TensorFlow SavedModel of strings.

    Args:
        folder: of the encoder.
        engine: who may compute.
        device: where ONNX Runtime may compute; TensorFlow uses what it sees.
        only: the one engine and type to take, instead of the fastest; for training.

    Raises:
        ArtifactError: the folder holds no encoder; the SavedModel is unsafe; or the engine cannot serve it.

    """

    def __init__(
        self,
        folder: Path,
        engine: EngineChoice = "auto",
        only: Arithmetic | None = None,
        device: DeviceChoice = "cpu",
    ) -> None:
        self._folder = folder
        self._confirmed: ConfirmedEncoder[PackedEncoder] | None = None
        if (folder / TOKENIZER).is_file():
            probes = Probes.load(folder)
            found = measure(EncoderFiles(folder), [only] if only else _among(engine, device), probes)
            self._confirmed = ConfirmedEncoder(folder, probes, found)
            return
        if engine == "onnx":
            raise ArtifactError(f"{folder} is a SavedModel, which needs --engine tensorflow or auto")
        self._saved_model = SavedModelEncoder(folder)

    def confirm(self, head: Head) -> None:
        """Keep an engine and type with which this head, and all before, label the probe texts as float32 does.

        Raises:
            ArtifactError: none is left.

        """
        if self._confirmed:
            self._confirmed.confirm(head)

    def release(self) -> None:
        """Free the engines and types that are not used."""
        if self._confirmed:
            self._confirmed.release()

    @property
    def arithmetic(self) -> Arithmetic:
        """Who computes, and in which type."""
        return self._confirmed.arithmetic if self._confirmed else Arithmetic("tensorflow", "float32")

    @property
    def _encoder(self) -> PackedEncoder | SavedModelEncoder:
        return self._confirmed.encoder if self._confirmed else self._saved_model

    @property
    def parameters(self) -> int:
        """Number of its parameters."""
        return self._encoder.parameters

    @property
    def packed(self) -> PackedEncoder:
        """The packed encoder, which has the pieces.

        Raises:
            ArtifactError: it is a SavedModel of strings.

        """
        if self._confirmed:
            return self._confirmed.encoder
        raise ArtifactError(f"the encoder {self._folder} has no pieces: use the packed one")

    def tokenize(self, texts: Sequence[str]) -> tuple[Ints, Ints]:
        """Return the piece ids of what is encoded of each text, and the bounds between texts, shape (n texts + 1,).

        Raises:
            ArtifactError: it is a SavedModel of strings.

        """
        return self.packed.tokenize([truncate(text) for text in texts])

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return embeddings of shape (n texts, 512), of the first 2,000 characters of each text."""
        return self._encoder.encode([truncate(text) for text in texts])


def _among(engine: EngineChoice, device: DeviceChoice) -> tuple[Arithmetic, ...]:
    """Return the engines and types to measure.

    Raises:
        SettingError: a GPU is demanded, and ONNX Runtime can use none.

    """
    if engine != "tensorflow" and serves_on_gpu(device):
        return _ON_GPU[device]
    return _AMONG[engine]


class OnnxHead:
    """A head in an ONNX file.

    Args:
        model: maps `vectors`, shape (n, 512), to P(disaster), shape (n, 1).

    """

    def __init__(self, model: Callable[[dict[str, Vectors]], Vectors]) -> None:
        self._model = model

    def __call__(self, vectors: Vectors) -> Floats:
        """Return P(disaster), shape (n,); vectors are passed on in parts, so that memory is bounded."""
        parts = [self._model({"vectors": vectors[n : n + 256]})[:, 0] for n in range(0, len(vectors), 256)]
        return np.concatenate([np.empty(0), *parts]).astype(np.float64)


class EncoderCache:
    """The encoders of one artifact: stages that name the same folder share one.

    Args:
        engine: who may compute them.
        device: where ONNX Runtime may compute them.

    """

    def __init__(self, engine: EngineChoice = "auto", device: DeviceChoice = "cpu") -> None:
        self._engine, self._device, self._encoders = engine, device, dict[Path, UseEncoder]()
        self._of_others: dict[Path, ServedEncoder] = {}

    def load(self, folder: Path) -> UseEncoder:
        """Return USE in the folder; it is loaded once.

        Raises:
            ArtifactError: the folder holds no encoder; a SavedModel is unsafe; or the engine cannot serve it.

        """
        if folder not in self._encoders:
            self._encoders[folder] = UseEncoder(folder, self._engine, device=self._device)
        return self._encoders[folder]

    def load_of_others(self, folder: Path) -> ServedEncoder:
        """Return the sentence encoder of others in the folder; it is loaded once.

        Raises:
            ArtifactError: it does not load.

        """
        if folder not in self._of_others:
            self._of_others[folder] = ServedEncoder(folder)
        return self._of_others[folder]

    def arithmetic(self, folder: Path) -> Arithmetic | None:
        """Return who computes the encoder in the folder, and in which type; None where no stage has loaded it."""
        found = self._of_others.get(folder) or self._encoders.get(folder)
        return found.arithmetic if found else None

    def release(self) -> None:
        """Free the engines and types that are not used."""
        for use in self._encoders.values():
            use.release()
        for encoder in self._of_others.values():
            encoder.release()


def load_use(files: dict[str, Path], encoders: EncoderCache) -> EncoderClassifier:
    """Load the encoder in the folder `encoder` and the ONNX model in the file `head`."""
    encoder, head = encoders.load(files["encoder"]), OnnxHead(load_onnx(files["head"]))
    encoder.confirm(head)
    return EncoderClassifier(encoder, head)


def load_encoder(files: dict[str, Path], encoders: EncoderCache) -> ReadingClassifier:
    """Load the sentence encoder of others in the folder `encoder` and the ONNX model in the file `head`."""
    encoder, head = encoders.load_of_others(files["encoder"]), OnnxHead(load_onnx(files["head"]))
    encoder.confirm(head)
    return ReadingClassifier(encoder, head)


def load_pieces(files: dict[str, Path], encoders: EncoderCache) -> PieceClassifier:
    """Load the encoder in the folder `encoder` and the piece network in the file `network`."""
    return PieceClassifier(encoders.load(files["encoder"]), PieceNetwork.load(files["network"]))
