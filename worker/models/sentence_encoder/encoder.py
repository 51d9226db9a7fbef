"""A sentence encoder of others in one type, on ONNX Runtime."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worker.models.encoder.engine import Vectors
from worker.models.encoder.truncation import truncate
from worker.models.onnx import OnnxModel, load_onnx
from worker.models.sentence_encoder.encoder_settings import TOKENIZER_JSON, EncoderSettings, Pooling, load_settings
from worker.models.sentence_encoder.padding import Int64s, batches, pad
from worker.models.sentence_encoder.word_pieces import PiecesOf, Tokenized, WordPieces
from worker.types import Arithmetic

_TIMED = 20
_TYPES = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}


class SentenceEncoderFiles:
    """The files that all types share, read once.

    Args:
        folder: of the encoder.

    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings: EncoderSettings = load_settings(folder)
        self._pieces = WordPieces(folder / TOKENIZER_JSON, self.settings.longest)

    def tokenize(self, texts: Sequence[str]) -> Tokenized:
        """Return the pieces of what is read of each text."""
        return self._pieces([truncate(text) for text in texts])

    @property
    def types(self) -> list[Arithmetic]:
        """The types that there is a graph of."""
        return [Arithmetic("onnx", path.stem) for path in sorted(self.folder.glob("*.onnx"))]


class SentenceEncoder:
    """Turns texts into vectors in one type.

    Args:
        files: of the encoder.
        arithmetic: the type.

    """

    def __init__(self, files: SentenceEncoderFiles, arithmetic: Arithmetic) -> None:
        self.arithmetic, self._files = arithmetic, files
        self._model = load_onnx(files.folder / f"{arithmetic.dtype}.onnx", output=files.settings.output)

    @property
    def texts_timed(self) -> int:
        """Texts to time it on: two batches of usual tweets or so."""
        return _TIMED

    def warm_up(self) -> None:
        """Do nothing: any shape is as fast as any other from the first call on."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape (n texts, d)."""
        return self.embed(self._files.tokenize(texts).pieces)

    def embed(self, pieces: PiecesOf) -> Vectors:
        """Return unit vectors, shape (n, d), of texts with these pieces; a text without any has zeros."""
        settings = self._files.settings
        vectors = np.zeros((len(pieces), settings.dimensions), np.float32)
        filled = [i for i, ids in enumerate(pieces) if ids.size]
        for rows in batches([len(pieces[i]) for i in filled]):
            texts = [filled[row] for row in rows]
            ids, mask = pad([pieces[i] for i in texts])
            vectors[texts] = pooled(run(self._model, ids, mask), mask, settings.pooling)
        return vectors


def run(model: OnnxModel, ids: Int64s, mask: Int64s) -> NDArray[Any]:
    """Return the output of a graph for padded texts; each input has the type that the graph wants."""
    return model(inputs_of(model.input_types, ids, mask))


def inputs_of(types: Mapping[str, str], ids: Int64s, mask: Int64s) -> dict[str, NDArray[Any]]:
    """Return a graph's inputs, by the names that all such encoders use; a text is a single segment."""
    given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    return {name: given[name].astype(_TYPES[of], copy=False) for name, of in types.items()}


def pooled(output: NDArray[Any], mask: Int64s, pooling: Pooling) -> Vectors:
    """Return unit vectors, shape (n, d).

    Args:
        output: of the graph, shape (n, pieces, d); shape (n, d) where it has pooled already.
        mask: 1 for pieces, shape (n, pieces).
        pooling: what makes a vector of it.

    """
    x = output.astype(np.float32, copy=False)
    if pooling == "mean":
        x = np.matmul(mask[:, np.newaxis].astype(np.float32), x)[:, 0]  # its length does not matter
    elif pooling == "cls":
        x = x[:, 0]
    length = np.linalg.norm(x, axis=1, keepdims=True)
    return np.asarray(x / np.maximum(length, 1e-12), dtype=np.float32)
