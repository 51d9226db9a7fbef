"""Export of a sentence encoder of others into an artifact: its graph in float32 and, where that is faster, in int8."""

import shutil
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.encoder.probes import probe_texts
from training.sentence_encoder.graph_check import Graph, check_graph, load_graph
from training.sentence_encoder.model_folder import ModelFolder, read_model_folder
from training.sentence_encoder.quantization import quantized_graph
from worker.errors import ArtifactError, DataError
from worker.models.encoder.selection import FLOAT32, INT8, Probes, fastest_first, timed
from worker.models.onnx import OnnxModel
from worker.models.sentence_encoder.encoder import SentenceEncoder, SentenceEncoderFiles, inputs_of
from worker.models.sentence_encoder.encoder_settings import TOKENIZER_JSON, EncoderSettings
from worker.models.sentence_encoder.padding import pad
from worker.types import Arithmetic

OTHER_FOLDER = "encoder"
"""The folder of the encoder in an artifact."""
_CALIBRATED = 1024  # texts: more change no scale by much
_READ = 0.95  # share of the training texts that the encoder is taken to read

Float32s = NDArray[np.float32]


class OtherEncoder(NamedTuple):
    """A checked sentence encoder."""

    found: ModelFolder
    graph: Graph
    settings: EncoderSettings


def open_other_encoder(folder: Path) -> OtherEncoder:
    """Return the sentence encoder in a model's folder, checked.

    Raises:
        DataError: the folder lacks a file, or the graph takes or returns something else than a sentence encoder's.
        ArtifactError: the tokenizer does not load.

    """
    found = read_model_folder(folder)
    graph = load_graph(found.graph)
    return OtherEncoder(found, graph, check_graph(folder.resolve().name, found, graph))


def export_other_encoder(encoder: OtherEncoder, folder: Path, texts: Sequence[str]) -> Arithmetic:
    """Write the encoder of an artifact; return the type that training takes: int8 where it is right and faster.

    Args:
        encoder: to write.
        folder: the folder to write; must not exist.
        texts: of the training, as the models show them to the encoder: the scales are calibrated on them, and a text
            whose words are split more than those of 95 % of them counts as one that the encoder cannot read.

    Raises:
        DataError: the graph is too large for one file.

    """
    folder.mkdir(parents=True)
    shutil.copyfile(encoder.found.tokenizer, folder / TOKENIZER_JSON)
    (folder / f"{FLOAT32.dtype}.onnx").write_bytes(_serialized(encoder))
    encoder.settings.save(folder)
    files = SentenceEncoderFiles(folder)
    most_split = float(np.quantile(files.tokenize(texts).split, _READ))
    encoder.settings.model_copy(update={"most_split": most_split}).save(folder)
    probes = _readable(files, probe_texts(), most_split)
    Probes(probes, SentenceEncoder(files, FLOAT32).encode(probes)).save(folder)
    return _quantize(encoder, files, [*texts[:: max(1, len(texts) // _CALIBRATED)], *probes])


def _readable(files: SentenceEncoderFiles, texts: Sequence[str], most_split: float) -> list[str]:
    """Return the texts that the encoder can read, since it labels no others; all of them where it can read none."""
    split = files.tokenize(texts).split
    return [text for text, share in zip(texts, split, strict=True) if share <= most_split] or list(texts)


def _serialized(encoder: OtherEncoder) -> bytes:
    try:
        return bytes(encoder.graph.SerializeToString())
    except Exception as error:  # protobuf's own types: a message has 2 GiB at most
        raise DataError(f"{encoder.found.graph} is too large (2 GiB at most): {error}") from error


def _quantize(encoder: OtherEncoder, files: SentenceEncoderFiles, texts: Sequence[str]) -> Arithmetic:
    """Write the graph in int8 and keep it if it reproduces the probes' vectors and is faster; return the best type."""
    path = files.folder / f"{INT8.dtype}.onnx"
    batches = _unpadded(files, texts, OnnxModel(encoder.graph.SerializeToString(), output=encoder.settings.output))
    quantized = quantized_graph(encoder.graph, batches)
    if quantized is None:
        return FLOAT32
    path.write_bytes(quantized)
    try:
        probes = Probes.load(files.folder)
        tried = [timed(SentenceEncoder(files, of), probes) for of in (FLOAT32, INT8)]
        best = fastest_first(encoder.settings.name, tried, probes, files.folder)[0]
    except ArtifactError:  # not even float32 reproduces itself, or int8 does not run
        best = None
    if best is None or best.encoder.arithmetic != INT8:
        path.unlink()
        return FLOAT32
    return INT8


def _unpadded(
    files: SentenceEncoderFiles, texts: Sequence[str], model: OnnxModel
) -> Iterator[dict[str, NDArray[np.int64]]]:
    """Yield the inputs of batches of texts of the same length: padding would have magnitudes of its own."""
    pieces = sorted((p for p in files.tokenize(texts).pieces if p.size), key=len)
    for _, same in groupby(pieces, key=len):
        rows = list(same)
        for start in range(0, len(rows), 32):
            yield inputs_of(model.input_types, *pad(rows[start : start + 32]))
