"""A trained Keras model in the course's other formats."""

import logging
from pathlib import Path

from worker.models.tensorflow import keras


def export_formats(path: Path) -> tuple[Path, Path]:
    """Write a `.keras` file's model beside it, as HDF5 (`.h5`) and as a SavedModel (`_savedmodel`); return both paths.

    `keras.models.load_model` reads the former; `tf.saved_model.load(...).serve`, TensorFlow Serving and
    `tensorflow_hub.load` the latter.
    """
    model = keras().models.load_model(path, safe_mode=True)
    hdf5, saved_model = path.with_suffix(".h5"), path.with_name(f"{path.stem}_savedmodel")
    logging.getLogger("absl").setLevel(logging.ERROR)  # HDF5 is old, and asked for all the same
    model.save(hdf5, include_optimizer=False)
    model.export(saved_model, verbose=False)
    return hdf5, saved_model
