"""The engines that run USE: the contract of encoders, and their names."""

from functools import cache, partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator

from tests.worker.models.encoder.encoder_contract import Case, EncoderContract
from training.data.dataset import SAMPLE, load_dataset, texts_of
from training.encoder.saved_model import build_saved_model
from worker.models.encoder.engine import Vectors
from worker.models.encoder.packed_encoder import EncoderFiles, PackedEncoder
from worker.models.encoder.packing import GAP, Ints, Shape, lay_out
from worker.models.encoder.selection import FLOAT16, FLOAT32, INT8, TENSORFLOW, new_encoder
from worker.models.onnx import load_onnx
from worker.models.tensorflow import tensorflow
from worker.models.use import OnnxHead
from worker.types import Arithmetic

LEAST = {INT8: 0.998, FLOAT32: 0.99998, FLOAT16: 0.99998, TENSORFLOW[0]: 0.9999, TENSORFLOW[1]: 0.99998}
"""Least cosine to the vectors of padded texts in float32, by engine and type."""
LONG = ["", "word " * 390, "\U0001f30b" * 300, "x"]
TEXTS = [*texts_of(load_dataset(SAMPLE).labelled)[:96], *LONG]


@cache
def files(folder: Path) -> EncoderFiles:
    """Return the files of an encoder."""
    return EncoderFiles(folder)


@pytest.fixture(scope="module")
def padded(sample_artifact: Path) -> Vectors:
    """Return the texts' vectors from the same pieces, one text after the other, in float32, without packing."""
    tf, model = tensorflow(), build_saved_model()
    ids, splits = files(sample_artifact / "use").tokenizer(TEXTS)
    parts = [ids[start:stop] for start, stop in pairwise(splits)]
    return np.vstack([model.encode(tf.constant(part[np.newaxis]), tf.constant([len(part)])) for part in parts])


@pytest.fixture(scope="module", params=LEAST, ids=str)
def case(request: pytest.FixtureRequest, sample_artifact: Path, padded: Vectors) -> Case:
    """Return the encoder in each engine and type, ready to serve."""
    fresh = partial(new_encoder, files(sample_artifact / "use"), request.param)
    encoder = fresh()
    encoder.warm_up()
    [head] = sample_artifact.glob("use_*.onnx")
    return Case(
        encoder, fresh, TEXTS, padded, LEAST[request.param], OnnxHead(load_onnx(head)), largest=8_192,
        record_calls=partial(recorded, encoder),
    )  # fmt: skip


def recorded(encoder: PackedEncoder, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that the pieces of each packed sequence are added to."""
    asked: list[int] = []
    embed = encoder._engine.embed

    def recording(pieces: Ints, owners: Ints, counts: Ints) -> Vectors:
        asked.append(len(pieces))
        return embed(pieces, owners, counts)

    monkeypatch.setattr(encoder._engine, "embed", recording)
    return asked


class TestEngines(EncoderContract):
    """The contract, for each engine and type."""


def test_an_engine_and_type_is_written_in_two_words() -> None:
    """Logs and metrics show who computes."""
    assert str(Arithmetic("onnx", "int8")) == "onnx int8"


def test_float16_is_enough_for_the_gpus_graph(sample_artifact: Path, padded: Vectors) -> None:
    """ONNX' reference rounds each result to float16, as a GPU does; the CPU's provider computes in float32 between."""
    known = files(sample_artifact / "use")
    ids, splits = known.tokenizer(TEXTS[:2])
    counts = np.diff(splits)
    shape = Shape(int(counts.sum()) + 2 * GAP, 2)
    packed = zip(("pieces", "owners", "counts"), lay_out(ids, counts, shape, 0), strict=True)
    reference = ReferenceEvaluator(onnx.load(str(known.folder / "float16.onnx")))
    [vectors] = reference.run(None, {name: part.astype(np.int32) for name, part in packed})
    assert (np.asarray(vectors) * padded[:2]).sum(axis=1).min() > LEAST[FLOAT16]
