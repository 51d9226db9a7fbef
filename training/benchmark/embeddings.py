"""The words' vectors that a network has learned, as files for the Embedding Projector."""

from pathlib import Path
from typing import Any

import numpy as np

from worker.errors import DataError
from worker.models.tensorflow import keras

VECTORS, METADATA = "vectors.tsv", "metadata.tsv"


def export_embeddings(path: Path, folder: Path) -> int:
    """Write the vectors of a `.keras` file's embedding, a row a word, and the words; padding is left out.

    projector.tensorflow.org takes the two files as they are; TensorBoard's projector finds them by the third one.

    Returns:
        How many words there are.

    Raises:
        DataError: the model has no embedding of words.

    """
    model = keras().models.load_model(path, compile=False, safe_mode=True)
    vectorizer, embedding = _layer(model, "TextVectorization"), _layer(model, "Embedding")
    if vectorizer is None or embedding is None:
        raise DataError(f"{path} has no embedding of words; simple_dense, for one, has")
    words, vectors = vectorizer.get_vocabulary()[1:], embedding.get_weights()[0][1:]
    folder.mkdir(parents=True, exist_ok=True)
    np.savetxt(folder / VECTORS, vectors[: len(words)], delimiter="\t", fmt="%.6g")
    (folder / METADATA).write_text("".join(f"{word}\n" for word in words), encoding="utf-8")
    _tell_tensorboard(folder)
    return len(words)


def _layer(model: Any, kind: str) -> Any:  # noqa: ANN401 (Keras has no types)
    return next((layer for layer in model.layers if type(layer).__name__ == kind), None)


def _tell_tensorboard(folder: Path) -> None:
    from tensorboard.plugins import projector

    config = projector.ProjectorConfig()
    config.embeddings.add(tensor_name="words", tensor_path=VECTORS, metadata_path=METADATA)
    projector.visualize_embeddings(str(folder), config)
