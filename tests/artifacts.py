"""Small artifacts, written as training writes large ones."""

from pathlib import Path

import numpy as np
import skops.io
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from schemas import CLASSES, Band, ClassNames, DataFacts, FoldFigures, OperatingPoint, Policy, StageSpec
from training.artifacts import Measured, write_manifest
from training.cascade.bands import fit_blends
from training.data.dataset import SAMPLE, load_dataset, targets_of, texts_of
from training.models import REGISTRY, Resources
from training.models.cached_encoder import CachedReader
from training.sentence_encoder.export import OTHER_FOLDER, export_other_encoder, open_other_encoder
from worker.cascade.stage import readable_probabilities
from worker.models.sentence_encoder.served import ServedEncoder


def policy() -> Policy:
    """Return what training would have promised of a cascade."""
    point = OperatingPoint(
        deferral=0.2, accuracy=0.8, f1=0.8, f1_difference=-0.01, f1_difference_low=-0.02, seconds=0.001
    )
    random = FoldFigures(point=point, calibration_error=0.01, overruled=0.01, overruled_high=0.02)
    return Policy(
        goal="a test", device="cpu", grouped_by="keyword", prior=0.5, chosen=point, curve=[point], stages={},
        calibration_error=0.02, overruled=0.03, overruled_high=0.04, random=random, histogram=[0.05] * 20,
    )  # fmt: skip


def write_small_artifact(folder: Path, high: float = 0.62, classes: ClassNames = CLASSES) -> Path:
    """Train Naive Bayes and a logistic regression on the sample and write them as the two stages."""
    folder.mkdir(parents=True)
    labelled = load_dataset(SAMPLE).labelled
    for name, model in (("baseline", MultinomialNB()), ("use", LogisticRegression())):
        pipeline = make_pipeline(TfidfVectorizer(), model).fit(texts_of(labelled), targets_of(labelled))
        skops.io.dump(pipeline, folder / f"{name}.skops")
    describe(folder, high, classes)
    return folder


def describe(folder: Path, high: float = 0.62, classes: ClassNames = CLASSES) -> None:
    """Write the manifest of what is in the folder; the first stage defers from 1 - high to high."""
    band = Band(low=1 - high, high=high)
    stages = [
        StageSpec(name="baseline", kind="sklearn", files={"model": "baseline.skops"}, band=band),
        StageSpec(name="use", kind="sklearn", files={"model": "use.skops"}),
    ]
    facts = DataFacts(name="sample", sha256="0" * 64, train_rows=820, held_out_rows=0, split_seed=42)
    write_manifest(folder, stages, facts, 42, Measured({}, policy()), classes)


def write_encoder_artifact(folder: Path, model: Path) -> Path:
    """Write the baseline and a stage on the sentence encoder in the folder `model`, which decides what it can read."""
    folder.mkdir(parents=True)
    texts, targets = texts_of(load_dataset(SAMPLE).labelled), targets_of(load_dataset(SAMPLE).labelled)
    taken = export_other_encoder(open_other_encoder(model), folder / OTHER_FOLDER, texts)
    reader = CachedReader(ServedEncoder(folder / OTHER_FOLDER, only=taken))
    resources = Resources(reader, 42, other_encoder=reader)
    models = [REGISTRY[name](resources).fit(texts, targets) for name in ("baseline", "encoder_svm")]
    blends = fit_blends(np.column_stack([readable_probabilities(m, texts) for m in models]), targets)
    saved = [m.save(folder, name) for m, name in zip(models, ("baseline", "encoder_svm"), strict=True)]
    bands = [Band(low=0.02, high=0.98), None]
    stages = [
        StageSpec(name=name, kind=s.kind, files=s.files, text=s.text, band=band, blend=blend)
        for name, s, band, blend in zip(("baseline", "encoder_svm"), saved, bands, blends, strict=True)
    ]
    facts = DataFacts(name="sample", sha256="0" * 64, train_rows=820, held_out_rows=0, split_seed=42)
    write_manifest(folder, stages, facts, 42, Measured({}, policy()))
    return folder
