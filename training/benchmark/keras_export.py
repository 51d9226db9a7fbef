"""Export a Keras model: as HDF5, as a SavedModel, and its word vectors for the Embedding Projector."""

import logging
from pathlib import Path

import numpy as np

from worker.errors import DataError
from worker.models.tensorflow import KerasLayer, KerasModel, keras

VECTORS, METADATA = "vectors.tsv", "metadata.tsv"


def export_formats(model: KerasModel, path: Path) -> tuple[Path, Path]:
    """Write a model as a `.keras` file, and beside it as HDF5 (`.h5`) and as a SavedModel (`_savedmodel`).

    `keras.models.load_model` reads the first two. `tf.saved_model.load(...).serve`, TensorFlow Serving and
    `tensorflow_hub.load` read the SavedModel.
    """
    hdf5, saved_model = path.with_suffix(".h5"), path.with_name(f"{path.stem}_savedmodel")
    logging.getLogger("absl").setLevel(logging.ERROR)  # it warns that HDF5 is a legacy format
    model.save(path)
    model.save(hdf5, include_optimizer=False)
    model.export(saved_model, verbose=False)
    return hdf5, saved_model


def export_embeddings(path: Path, folder: Path) -> int:
    """Write the word vectors of a `.keras` file's model for the Embedding Projector; return the number of words.

    `vectors.tsv` has a row per word and `metadata.tsv` the words; padding is left out. projector.tensorflow.org loads
    both files. TensorBoard's projector finds them by `projector_config.pbtxt`.

    Raises:
        DataError: the model has no embedding of words.

    """
    model = keras().models.load_model(path, compile=False, safe_mode=True)
    vectorizer, embedding = _layer(model, "TextVectorization"), _layer(model, "Embedding")
    if vectorizer is None or embedding is None:
        raise DataError(f"{path} has no word embedding; use a model that has one, such as simple_dense")
    words, vectors = vectorizer.get_vocabulary()[1:], embedding.get_weights()[0][1:]
    folder.mkdir(parents=True, exist_ok=True)
    np.savetxt(folder / VECTORS, vectors[: len(words)], delimiter="\t", fmt="%.6g")
    (folder / METADATA).write_text("".join(f"{word}\n" for word in words), encoding="utf-8")
    _write_projector_config(folder)
    return len(words)


def _layer(model: KerasModel, kind: str) -> KerasLayer | None:
    return next((layer for layer in model.layers if type(layer).__name__ == kind), None)


def _write_projector_config(folder: Path) -> None:
    from tensorboard.plugins import projector

    config = projector.ProjectorConfig()
    config.embeddings.add(tensor_name="words", tensor_path=VECTORS, metadata_path=METADATA)
    projector.visualize_embeddings(str(folder), config)
