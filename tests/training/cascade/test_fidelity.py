"""The comparison of the served type with float32."""

from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from schemas import StageSpec
from tests.training.models.fakes import RecordingEncoder
from training.cascade.fidelity import Comparison
from training.cascade.out_of_fold import OutOfFold
from training.data.dataset import SAMPLE, load_dataset, split, targets_of, texts_of
from training.models import Resources
from training.models.cached_encoder import CachedEncoder
from worker.cli.console import progress_bar
from worker.models.artifact import Artifact
from worker.models.encoder.selection import FLOAT32, INT8
from worker.models.text_cleaning import clean
from worker.models.use import UseEncoder


def test_the_manifest_has_the_difference_to_float32(loaded_sample: Artifact, sample_artifact: Path) -> None:
    """Whoever reads the manifest sees what quantization costs; the cosine is that of the artifact's own files."""
    facts, parts = loaded_sample.manifest.encoder, split(load_dataset(SAMPLE).labelled)
    assert facts is not None
    assert facts.type == "onnx int8"
    assert facts.stage == loaded_sample.manifest.stages[-1].name
    texts = [clean(text) for text in [*texts_of(parts.train), *texts_of(parts.held_out)]]
    served, exact = (UseEncoder(sample_artifact / "use", only=only).encode(texts) for only in (INT8, FLOAT32))
    cosine = (served * exact).sum(axis=1)
    assert facts.texts == len(texts)
    assert facts.cosine == pytest.approx(cosine.mean(), abs=1e-5)
    assert facts.cosine_least == pytest.approx(cosine.min(), abs=1e-3)
    assert 0.998 < facts.cosine_least < facts.cosine < 1
    assert facts.unseen == len(parts.held_out)
    assert facts.changed <= 1
    metrics = loaded_sample.manifest.metrics
    assert facts.out_of_fold_accuracy == pytest.approx(metrics[f"out_of_fold_{facts.stage}_accuracy"])
    assert facts.held_out_accuracy == pytest.approx(metrics[f"held_out_{facts.stage}_accuracy"])
    assert facts.out_of_fold_accuracy_float32 == pytest.approx(facts.out_of_fold_accuracy, abs=0.01)
    assert facts.held_out_accuracy_float32 == pytest.approx(facts.held_out_accuracy, abs=0.02)


class Fixed:
    """A model whose probability is the first number of a text's vector, made positive."""

    def __init__(self, encoder: CachedEncoder) -> None:
        self._encoder = encoder

    def encoder_texts(self, texts: list[str]) -> list[str]:
        """Return the texts."""
        return texts

    def predict_proba(self, texts: list[str]) -> np.ndarray:
        """Return probabilities, shape (n, 2)."""
        p = 1 / (1 + np.exp(-100 * self._encoder.encode(texts)[:, 0].astype(float)))
        return np.column_stack([1 - p, p])


def test_labels_that_change_are_counted(sample_artifact: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An encoder that computes something else than float32 is found out: vectors, labels and accuracy differ."""
    parts = split(load_dataset(SAMPLE).labelled)
    encoder = CachedEncoder(RecordingEncoder())  # arbitrary vectors
    monkeypatch.setattr(Comparison, "_out_of_fold", lambda *_: np.zeros(len(parts.train)))
    out_of_fold = OutOfFold(targets_of(parts.train), {"s": np.ones(len(parts.train))}, {}, [])
    compared = Comparison(sample_artifact, parts, Resources(encoder, 1), out_of_fold)
    spec = StageSpec(name="s", kind="use", files={"encoder": "use", "head": "s.onnx"})
    facts = compared.last_head("use", [spec], {"s": Fixed(encoder)}, progress_bar(Console(quiet=True)))  # type: ignore[dict-item]
    assert facts is not None
    assert abs(facts.cosine) < 1
    assert facts.changed > len(parts.held_out) / 5
    assert facts.out_of_fold_accuracy + facts.out_of_fold_accuracy_float32 == pytest.approx(1)


def test_a_cascade_without_the_encoder_has_nothing_to_compare(tmp_path: Path) -> None:
    """Nothing is encoded in float32 where no stage has a head on a packed encoder."""
    parts = split(load_dataset(SAMPLE).labelled)
    resources = Resources(CachedEncoder(RecordingEncoder()), 1)
    compared = Comparison(tmp_path, parts, resources, OutOfFold(targets_of(parts.train), {}, {}, []))
    stages = [
        StageSpec(name="a", kind="sklearn", files={"model": "a.skops"}),
        StageSpec(name="b", kind="use", files={"encoder": "saved_model", "head": "b.onnx"}),
    ]
    assert compared.last_head("use", stages, {}, progress_bar(Console(quiet=True))) is None
