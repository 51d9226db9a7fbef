"""A sentence encoder of others as a stage uses it: the fastest type that its heads confirm, and what it can read."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from worker.errors import ArtifactError
from worker.models.encoder.confirmation import ConfirmedEncoder, Head
from worker.models.encoder.engine import Vectors
from worker.models.encoder.selection import Probes, fastest_first, timed
from worker.models.piece_network import Vocabulary
from worker.models.sentence_encoder.encoder import SentenceEncoder, SentenceEncoderFiles
from worker.types import Arithmetic, Bools


class ServedEncoder:
    """The encoder in an artifact's folder.

    Args:
        folder: of the encoder.
        only: the one type to take, instead of the fastest; for training.

    Raises:
        ArtifactError: the package `tokenizers` is not installed, a file does not load, or no type reproduces the
            vectors of the probe texts.

    """

    def __init__(self, folder: Path, only: Arithmetic | None = None) -> None:
        self._files, probes = SentenceEncoderFiles(folder), Probes.load(folder)
        types = [only] if only else self._files.types
        tried = [timed(SentenceEncoder(self._files, of), probes) for of in types]
        found = fastest_first(self._files.settings.name, tried, probes, folder)
        self._confirmed = ConfirmedEncoder(folder, probes, found)

    def confirm(self, head: Head) -> None:
        """Keep a type with which this head labels the probe texts as float32 does.

        Raises:
            ArtifactError: none is left.

        """
        self._confirmed.confirm(head)

    def release(self) -> None:
        """Free the types that are not used."""
        self._confirmed.release()

    @property
    def arithmetic(self) -> Arithmetic:
        """Who computes, and in which type."""
        return self._confirmed.arithmetic

    @property
    def parameters(self) -> int:
        """Number of its parameters, by the size of its graph in float32."""
        return (self._files.folder / "float32.onnx").stat().st_size // 4

    @property
    def packed(self) -> Vocabulary:
        """Raise ArtifactError: it has no table of pieces."""
        raise ArtifactError(f"the encoder {self._files.settings.name} has no pieces: use the packed one")

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape (n texts, d), of the beginning of each text."""
        return self._confirmed.encoder.encode(texts)

    def readable(self, texts: Sequence[str]) -> Bools:
        """Return whether the encoder can read each text: few of its pieces begin no word, or are unknown."""
        return np.asarray(self._files.tokenize(texts).split <= self._files.settings.most_split)
