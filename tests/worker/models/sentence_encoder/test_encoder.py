"""A sentence encoder of others: the contract of encoders, in both types, and its pooling."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.tiny_encoder import tiny_tokenizer, write_tiny_encoder
from tests.worker.models.encoder.encoder_contract import Case, EncoderContract
from training.data.dataset import SAMPLE, load_dataset, targets_of, texts_of
from training.models.kernel_ridge import KernelRidge
from training.sentence_encoder.export import export_other_encoder, open_other_encoder
from training.sentence_encoder.quantization import quantized_graph
from worker.cascade.calibration import logistic
from worker.models.encoder.engine import Vectors
from worker.models.encoder.selection import FLOAT32, INT8
from worker.models.onnx import OnnxModel, load_onnx
from worker.models.sentence_encoder import encoder as module
from worker.models.sentence_encoder.encoder import SentenceEncoder, SentenceEncoderFiles, pooled
from worker.models.sentence_encoder.padding import Int64s

LEAST = {INT8: 0.999, FLOAT32: 0.99999}
LABELLED = load_dataset(SAMPLE).labelled
TEXTS = [*texts_of(LABELLED)[:96], "", "word " * 390, "\U0001f30b" * 300, "x"]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> SentenceEncoderFiles:
    """Return the exported tiny encoder, with a graph in either type, whichever is faster."""
    folder = tmp_path_factory.mktemp("encoder")
    opened = open_other_encoder(write_tiny_encoder(folder / "model"))
    export_other_encoder(opened, folder / "encoder", texts_of(LABELLED))
    found = SentenceEncoderFiles(folder / "encoder")
    pieces = found.tokenize(TEXTS).pieces
    inputs = [dict.fromkeys(("attention_mask", "token_type_ids"), np.ones((1, len(p)), np.int64)) for p in pieces]
    batches = [{**others, "input_ids": p[np.newaxis]} for others, p in zip(inputs, pieces, strict=True)]
    (folder / "encoder" / "int8.onnx").write_bytes(quantized_graph(opened.graph, batches) or b"")
    return found


@pytest.fixture(scope="module")
def alone(files: SentenceEncoderFiles) -> Vectors:
    """Return the texts' vectors in float32, one text after the other, from pieces that the test makes itself."""
    model, tokenizer = load_onnx(files.folder / "float32.onnx"), tiny_tokenizer()
    tokenizer.enable_truncation(64)
    found = []
    for text in TEXTS:
        ids = np.array([tokenizer.encode(text).ids])
        output = model({"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)})
        found.append(output[0].mean(axis=0) / np.linalg.norm(output[0].mean(axis=0)))
    return np.array(found)


@pytest.fixture(scope="module", params=LEAST, ids=str)
def case(request: pytest.FixtureRequest, files: SentenceEncoderFiles, alone: Vectors) -> Case:
    """Return the encoder in each type."""
    fresh = partial(SentenceEncoder, files, request.param)
    machine = KernelRidge(alone[:96], targets_of(LABELLED)[:96], landmarks=96)
    return Case(
        fresh(), fresh, TEXTS, alone, LEAST[request.param], lambda vectors: logistic(3 * machine.margins(vectors)),
        largest=1_024, record_calls=recorded,
    )  # fmt: skip


def recorded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that the pieces of each batch, padding included, are added to."""
    asked: list[int] = []
    run = module.run

    def recording(model: OnnxModel, ids: Int64s, mask: Int64s) -> Vectors:
        asked.append(ids.size)
        return run(model, ids, mask)

    monkeypatch.setattr(module, "run", recording)
    return asked


class TestSentenceEncoder(EncoderContract):
    """The contract, for each type."""


def test_the_first_piece_or_the_mean_or_the_output_is_the_vector() -> None:
    """Each pooling gives a unit vector, and padding does not count."""
    output = np.array([[[3.0, 4.0], [0.0, 2.0], [9.0, 9.0]]], np.float16)
    mask = np.array([[1, 1, 0]])
    np.testing.assert_allclose(pooled(output, mask, "cls"), [[0.6, 0.8]], atol=1e-6)
    np.testing.assert_allclose(pooled(output, mask, "mean"), [[0.2**0.5, 0.8**0.5]], atol=1e-6)
    np.testing.assert_allclose(pooled(output[:, 0], mask, "none"), [[0.6, 0.8]], atol=1e-6)


def test_the_inputs_have_the_names_and_types_of_the_graph(tmp_path: Path) -> None:
    """A graph without token types, with whole numbers of 32 bits, is run as well."""
    folder = write_tiny_encoder(tmp_path / "model", ("input_ids", "attention_mask"), dtype=np.int32)
    export_other_encoder(open_other_encoder(folder), tmp_path / "encoder", texts_of(LABELLED)[:64])
    files = SentenceEncoderFiles(tmp_path / "encoder")
    vectors = SentenceEncoder(files, FLOAT32).encode(["Forest fire", "fire"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_half_a_surrogate_pair_does_not_fail(case: Case) -> None:
    """The package raises an error for it; whatever decoded the text, it is read with a question mark instead."""
    np.testing.assert_allclose(case.encoder.encode(["a\ud800b"]), case.encoder.encode(["a?b"]), atol=1e-6)
