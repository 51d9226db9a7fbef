"""The contract of the engines that run the encoder: the same vectors and labels for any text, in bounded memory."""

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator

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


@pytest.fixture(scope="module", params=LEAST, ids=str)
def encoder(request: pytest.FixtureRequest, sample_artifact: Path) -> PackedEncoder:
    """Return the encoder in each engine and type, ready to serve."""
    made = new_encoder(files(sample_artifact / "use"), request.param)
    made.warm_up()
    return made


@pytest.fixture(scope="module")
def padded(sample_artifact: Path) -> Vectors:
    """Return the texts' vectors from the same pieces, one text after the other, in float32, without packing."""
    tf, model = tensorflow(), build_saved_model()
    ids, splits = files(sample_artifact / "use").tokenizer(TEXTS)
    parts = [ids[start:stop] for start, stop in pairwise(splits)]
    return np.vstack([model.encode(tf.constant(part[np.newaxis]), tf.constant([len(part)])) for part in parts])


def test_packed_texts_have_the_vectors_of_padded_texts(encoder: PackedEncoder, padded: Vectors) -> None:
    """Neither packing nor rows computed before nor the type change the vectors."""
    assert (encoder.encode(TEXTS) * padded).sum(axis=1).min() > LEAST[encoder.arithmetic]


def test_labels_are_those_of_float32(encoder: PackedEncoder, padded: Vectors, sample_artifact: Path) -> None:
    """A head gives the same labels whatever computes the vectors, where it is sure of them."""
    [path] = sample_artifact.glob("use_*.onnx")
    head = OnnxHead(load_onnx(path))
    expected = head(padded)
    sure = np.abs(expected - 0.5) > 0.05
    assert sure.sum() > 80
    np.testing.assert_array_equal(head(encoder.encode(TEXTS))[sure] >= 0.5, expected[sure] >= 0.5)


def test_a_vector_does_not_depend_on_the_batch(encoder: PackedEncoder) -> None:
    """A tweet has the same vector alone and in a batch, so it gets the same label."""
    alone = np.vstack([encoder.encode([text]) for text in TEXTS[:8]])
    np.testing.assert_allclose(encoder.encode(TEXTS)[:8], alone, atol=2e-3)
    np.testing.assert_allclose(np.linalg.norm(alone, axis=1), 1, atol=1e-5)


def test_two_calls_at_once_get_the_vectors_of_one(sample_artifact: Path, encoder: PackedEncoder) -> None:
    """The worker classifies two batches at the same time; pieces that both see first are computed once."""
    alone = encoder.encode(TEXTS)
    fresh = new_encoder(files(sample_artifact / "use"), encoder.arithmetic)
    with ThreadPoolExecutor(2) as threads:
        for found in threads.map(fresh.encode, [TEXTS] * 4):
            np.testing.assert_array_equal(found, alone)


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "\U0001f30b" * 300, "a" * 3_000, "\ufdfa" * 110, "\u202e\u0301" * 50]
)
def test_any_text_has_a_vector(encoder: PackedEncoder, text: str) -> None:
    """No text, however odd, makes an engine fail or return NaN."""
    np.testing.assert_allclose(np.linalg.norm(encoder.encode([text]), axis=1), 1, atol=1e-5)


def test_no_texts_have_no_vectors(encoder: PackedEncoder) -> None:
    """An empty batch gives an empty array of the right width."""
    assert encoder.encode([]).shape == (0, 512)


def test_a_long_batch_is_embedded_in_bounded_sequences(encoder: PackedEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory of a call does not grow with the batch: no sequence has more pieces than the largest shape."""
    asked: list[tuple[int, int]] = []
    embed = encoder._engine.embed

    def recorded(pieces: Ints, owners: Ints, counts: Ints) -> Vectors:
        asked.append((len(pieces), len(counts)))
        return embed(pieces, owners, counts)

    monkeypatch.setattr(encoder._engine, "embed", recorded)
    assert encoder.encode(["fire " * n for n in (1, 300, 2, 390) * 20]).shape == (80, 512)
    assert max(pieces for pieces, _ in asked) <= 8_192
    assert sum(texts for _, texts in asked) >= 80


def test_each_engine_and_type_names_itself(encoder: PackedEncoder) -> None:
    """Logs and metrics show who computes."""
    assert encoder.arithmetic in LEAST
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
