"""From labelled tweets to an artefact: the two stages, and the threshold between them."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
from rich.progress import Progress

from schemas import Manifest, StageSpec
from training.artifacts import facts_of, staged, write_manifest
from training.cross_validation import FOLDS, out_of_fold
from training.data import Dataset, Targets, split, targets_of, texts_of
from training.encoder import CachedEncoder, encode_all
from training.evaluation import scores
from training.models import REGISTRY, Resources, TrainableClassifier
from training.policy import OperatingPoint, choose, curve
from training.use import ENCODER_FOLDER, PACKED, export_encoder
from worker.cascade import Stage, ThresholdCascade
from worker.models.use import UseEncoder
from worker.types import Floats

STAGES = {"baseline": "baseline", "use": "tf_hub_sentence_encoder"}
"""The stages from fast to strong, and the registry's name of each one's model."""


@dataclass(frozen=True)
class Options:
    """What the user chooses."""

    use_handle: str = PACKED
    max_deferral: float = 0.3
    seed: int = 42


def fit(dataset: Dataset, out: Path, options: Options, progress: Progress) -> Manifest:
    """Train a cascade and write its artefact, USE included.

    The threshold is chosen on out-of-fold predictions for the training part; the held-out part is only reported on.

    Raises:
        DataError: too few tweets, or no encoder where the handle leads.
        SettingError: there is something else in the artefact's place.

    """
    parts = split(dataset.labelled)
    texts, targets = texts_of(parts.train), targets_of(parts.train)
    with staged(out) as folder:
        export_encoder(options.use_handle, folder / ENCODER_FOLDER)
        encoder = CachedEncoder(UseEncoder(str(folder / ENCODER_FOLDER)))
        encode_all(encoder, texts + texts_of(parts.held_out), progress)
        resources = Resources(encoder, options.seed)
        unseen = _out_of_fold(resources, texts, targets, progress)
        point = choose(curve(unseen["baseline"], unseen["use"], targets, options.max_deferral))
        models = {stage: REGISTRY[name](resources).fit(texts, targets) for stage, name in STAGES.items()}
        metrics = {
            **_out_of_fold_metrics(unseen, targets, point),
            **_held_out_metrics(models, point, parts.held_out),
        }
        facts = facts_of(dataset, parts)
        return write_manifest(folder, _save(models, point, folder), facts, options.seed, metrics)


def _out_of_fold(resources: Resources, texts: list[str], targets: Targets, progress: Progress) -> dict[str, Floats]:
    task = progress.add_task("cross-validating", total=FOLDS * len(STAGES))
    advance = partial(progress.advance, task)
    return {
        stage: out_of_fold(partial(REGISTRY[name], resources), texts, targets, resources.seed, advance)
        for stage, name in STAGES.items()
    }


def _save(models: dict[str, TrainableClassifier], point: OperatingPoint, folder: Path) -> list[StageSpec]:
    saved = {stage: model.save(folder, stage) for stage, model in models.items()}
    return [
        StageSpec(name=stage, kind=s.kind, files=s.files, threshold=point.threshold if stage == "baseline" else 0)
        for stage, s in saved.items()
    ]


def _out_of_fold_metrics(unseen: dict[str, Floats], targets: Targets, point: OperatingPoint) -> dict[str, float]:
    alone = {f"out_of_fold_{stage}_accuracy": float(((p >= 0.5) == targets).mean()) for stage, p in unseen.items()}
    return {"out_of_fold_accuracy": point.accuracy, "out_of_fold_deferral": point.deferral, **alone}


def _held_out_metrics(
    models: dict[str, TrainableClassifier], point: OperatingPoint, held_out: pd.DataFrame
) -> dict[str, float]:
    """Return how the cascade, as it is served, and each stage alone do on tweets nothing was chosen on."""
    texts, targets = texts_of(held_out), targets_of(held_out)
    strong = Stage("use", models["use"])
    cascade = ThresholdCascade([Stage("baseline", models["baseline"], point.threshold), strong], "")
    predictions = cascade.predict(texts)
    found = scores(targets, [p.target for p in predictions])
    alone = {s: scores(targets, m.predict_proba(texts)[:, 1] >= 0.5)["accuracy"] for s, m in models.items()}
    return {
        **{f"held_out_{name}": value for name, value in found.items()},
        "held_out_deferral": sum(p.stage == "use" for p in predictions) / len(predictions),
        **{f"held_out_{stage}_accuracy": value for stage, value in alone.items()},
    }
