"""The Universal Sentence Encoder (USE) and the classifier on it."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from worker.errors import ArtifactError
from worker.models.encoder.packed_encoder import PackedEncoder, offers_packing
from worker.models.encoder.packing import Ints
from worker.models.encoder.traced import TracedFunction
from worker.models.piece_network import PieceClassifier, PieceNetwork, Vocabulary
from worker.models.saved_model_scan import refuse_unsafe_graph
from worker.models.tensorflow import KerasModel, hub, keras, load_saved_model, tensorflow
from worker.models.text_cleaning import LONGEST_CHARS
from worker.types import Floats

DIMENSIONS = 512
_HEAD_BATCHES = (8, 64, 256)  # vectors are padded to these sizes, so that few shapes are traced
_BATCH = 64  # measured: larger batches spend more on padding than they save
_BATCH_CHARS = 32_000  # padding included: long texts go in smaller batches


class Encoder(Protocol):
    """Turns texts into vectors."""

    @property
    def parameters(self) -> int:
        """Number of its parameters."""

    @property
    def packed(self) -> Vocabulary:
        """The encoder's pieces; raises ArtifactError where it has none."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return embeddings of shape (n texts, dimensions)."""


class UseEncoder:
    """USE from a TensorFlow SavedModel of strings to 512 floats each; texts are packed if the model supports it.

    Args:
        handle: what `tensorflow_hub.load` takes: a folder, or a tfhub.dev or kaggle.com address.

    """

    def __init__(self, handle: str) -> None:
        self._tf = tensorflow()
        self._folder = hub().resolve(handle)
        self._model = load_saved_model(self._folder)
        self._packed = PackedEncoder(self._tf, self._model, DIMENSIONS) if offers_packing(self._model) else None

    @property
    def parameters(self) -> int:
        """Number of its parameters."""
        listed = self._tf.train.list_variables(f"{self._folder}/variables/variables")
        return sum(math.prod(shape) for name, shape in listed if not name.startswith("_CHECKPOINTABLE"))

    @property
    def packed(self) -> PackedEncoder:
        """The packed encoder, which has the pieces.

        Raises:
            ArtifactError: the SavedModel does not support packing.

        """
        if not self._packed:
            raise ArtifactError(f"the encoder {self._folder} has no pieces: use the packed one")
        return self._packed

    def tokenize(self, texts: Sequence[str]) -> tuple[Ints, Ints]:
        """Return the piece ids of what is encoded of each text, and the bounds between texts, shape (n texts + 1,).

        Raises:
            ArtifactError: the SavedModel does not support packing.

        """
        return self.packed.tokenize([truncate(text) for text in texts])

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return embeddings of shape (n texts, 512), of the first 2,000 characters of each text."""
        cut = [truncate(text) for text in texts]
        return self._packed.encode(cut) if self._packed else self._encode_padded(cut)

    def _encode_padded(self, texts: list[str]) -> NDArray[np.float32]:
        """Encode texts of similar length together, so that little is spent on padding."""
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        for rows in batches([normalized_length(text) for text in texts]):
            vectors[rows] = self._model(self._tf.constant([texts[i] for i in rows])).numpy()
        return vectors


def truncate(text: str) -> str:
    """Return what the encoder reads of a text: at most 2,000 characters after the tokenizer's normalization.

    Unicode's compatibility form (NFKC) of one character has up to 18: 2,000 of them would be 10,000 pieces.
    """
    first = text[:LONGEST_CHARS]
    return first if normalized_length(first) <= LONGEST_CHARS else normalize("NFKC", first)[:LONGEST_CHARS]


def normalized_length(text: str) -> int:
    """Return the number of characters that the encoder's tokenizer sees; it makes at most that many pieces."""
    return len(normalize("NFKC", text))


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the indices of texts, shortest first, in batches of bounded size, padding included.

    Args:
        lengths: characters of each text, shape (n,).

    """
    rows: list[int] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        if rows and (len(rows) == _BATCH or (len(rows) + 1) * min(lengths[i], LONGEST_CHARS) > _BATCH_CHARS):
            yield rows
            rows = []
        rows.append(i)
    if rows:
        yield rows


class UseClassifier:
    """A Keras head, from 512 floats to the probability of a disaster, on USE."""

    def __init__(self, encoder: Encoder, head: KerasModel) -> None:
        self.classes_ = np.array([0, 1])
        self._encoder = encoder
        self._head = TracedFunction(lambda vectors: head(vectors, training=False))
        for size in _HEAD_BATCHES:
            self._head(np.zeros((size, DIMENSIONS), dtype=np.float32))
        self._head.end_warm_up()

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return probabilities of shape (n texts, 2)."""
        if not texts:
            return np.empty((0, 2))
        p = np.vstack([self._classify(part) for part in _parts(self._encoder.encode(texts))])
        return np.hstack([1 - p, p])

    def _classify(self, vectors: NDArray[np.float32]) -> Floats:
        """Return P(disaster), shape (n, 1), computed in one of the traced shapes."""
        size = next(size for size in _HEAD_BATCHES if size >= len(vectors))
        padded = np.pad(vectors, ((0, size - len(vectors)), (0, 0)))
        return np.asarray(self._head(padded), dtype=np.float64)[: len(vectors)]


def _parts(vectors: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    return [vectors[start : start + _HEAD_BATCHES[-1]] for start in range(0, len(vectors), _HEAD_BATCHES[-1])]


class EncoderCache:
    """The encoders of one artifact: stages that name the same folder share one."""

    def __init__(self) -> None:
        self._encoders: dict[Path, UseEncoder] = {}

    def load(self, folder: Path) -> UseEncoder:
        """Return the encoder in the folder; it is loaded once.

        Raises:
            ArtifactError: the SavedModel's graph reads or writes files, or calls Python.

        """
        if folder not in self._encoders:
            refuse_unsafe_graph(folder)
            self._encoders[folder] = UseEncoder(str(folder))
        return self._encoders[folder]


def load_use(files: dict[str, Path], encoders: EncoderCache) -> UseClassifier:
    """Load the SavedModel in the folder `encoder` and the Keras model in the file `head`."""
    encoder = encoders.load(files["encoder"])
    return UseClassifier(encoder, keras().models.load_model(files["head"], compile=False, safe_mode=True))


def load_pieces(files: dict[str, Path], encoders: EncoderCache) -> PieceClassifier:
    """Load the SavedModel in the folder `encoder` and the piece network in the file `network`."""
    return PieceClassifier(encoders.load(files["encoder"]), PieceNetwork.load(files["network"]))
