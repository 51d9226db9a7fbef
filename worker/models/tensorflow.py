"""TensorFlow, imported only where a model needs it and without its start-up messages."""

import contextlib
import os
import sys
import threading
import warnings
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

from worker.errors import ArtifactError
from worker.types import Device

# TensorFlow and Keras ship no types.
TensorFlow: TypeAlias = Any
"""The package `tensorflow`."""
TensorFlowHub: TypeAlias = Any
"""The package `tensorflow_hub`."""
Keras: TypeAlias = Any
"""The package `keras`."""
Tensor: TypeAlias = Any
DType: TypeAlias = Any
SavedModel: TypeAlias = Any
"""A `tf.Module`, or what `tf.saved_model.load` returns."""
KerasModel: TypeAlias = Any
KerasLayer: TypeAlias = Any
PhysicalDevice: TypeAlias = Any

_SENTENCEPIECE = "python/ops/_sentencepiece_tokenizer.so"
_KINDS = {"CPU", "GPU", "TPU"}  # XLA lists more devices, which are views of these


class MissingTensorFlowError(ArtifactError):
    """TensorFlow is needed and not installed."""

    def __init__(self) -> None:
        super().__init__("needs TensorFlow, which is not installed: pip install 'tweet-cascade[tensorflow]'")


@cache
def tensorflow() -> TensorFlow:
    """Return TensorFlow with SentencePiece's ops registered and GPU memory allocated only as needed.

    Raises:
        MissingTensorFlowError: the extra `tensorflow` is not installed.

    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with native_stderr_muted():
        tf = _import()
        _register_sentencepiece(tf)
        if os.environ["TF_CPP_MIN_LOG_LEVEL"] == "3":
            tf.get_logger().setLevel("ERROR")  # its warnings of retraced functions are for a model's author
        for gpu in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(gpu, True)
    return tf


def _import() -> TensorFlow:
    try:
        import tensorflow
    except ModuleNotFoundError as error:
        if error.name != "tensorflow":
            raise
        raise MissingTensorFlowError from None
    return tensorflow


def _register_sentencepiece(tf: TensorFlow) -> None:
    """Load the one of TensorFlow Text's 22 libraries that the encoder needs: saves 116 MB of memory."""
    text = find_spec("tensorflow_text")
    libraries = [Path(folder, _SENTENCEPIECE) for folder in (text.submodule_search_locations or [] if text else [])]
    for library in libraries:
        if library.is_file():
            tf.load_op_library(str(library))


def load_saved_model(folder: str) -> SavedModel:
    """Return a SavedModel; import all of TensorFlow Text if the model needs more than SentencePiece."""
    with native_stderr_muted():
        try:
            return hub().load(folder)
        except FileNotFoundError as error:  # TensorFlow's type of error for an unknown op
            if "Op type not registered" not in str(error):
                raise
            import tensorflow_text  # noqa: F401 (registers its ops)

            return hub().load(folder)


def devices() -> list[Device]:
    """Return the devices that TensorFlow computes on; none while no model has needed TensorFlow."""
    if not tensorflow.cache_info().currsize:
        return []
    listed = tensorflow().config.list_physical_devices()
    return [Device(d.name.removeprefix("/physical_device:"), _model(d)) for d in listed if d.device_type in _KINDS]


def _model(device: PhysicalDevice) -> str:
    if device.device_type != "GPU":
        return ""
    return str(tensorflow().config.experimental.get_device_details(device).get("device_name", ""))


@cache
def hub() -> TensorFlowHub:
    """Return TensorFlow Hub."""
    tensorflow()
    with warnings.catch_warnings(), native_stderr_muted():
        warnings.simplefilter("ignore")
        import tensorflow_hub
    return tensorflow_hub


@cache
def keras() -> Keras:
    """Return Keras, on TensorFlow."""
    tensorflow()
    import keras

    return keras


@contextlib.contextmanager
def native_stderr_muted() -> Iterator[None]:
    """Drop what native code writes to stderr: TensorFlow's first lines ignore its log level.

    Set `TF_CPP_MIN_LOG_LEVEL` to 0, 1 or 2 to see them. The traceback of an exception is not affected. Other threads
    write to the same stderr, so nothing is dropped except in the main thread.
    """
    alone = threading.current_thread() is threading.main_thread()
    if not alone or os.environ.get("TF_CPP_MIN_LOG_LEVEL") != "3":
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as null:
            os.dup2(null.fileno(), 2)
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
