"""Small artifacts, written as training writes large ones."""

from pathlib import Path

import skops.io
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from schemas import CLASSES, Band, ClassNames, DataFacts, FoldFigures, OperatingPoint, Policy, StageSpec
from training.artifacts import Measured, write_manifest
from training.data.dataset import SAMPLE, load_dataset, targets_of, texts_of


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
