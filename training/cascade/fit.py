"""From labelled tweets to an artefact: the stages, and where each hands over."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from rich.progress import Progress

from schemas import Band, Blend, Manifest, Policy, StageSpec
from training.artifacts import facts_of, staged, write_manifest
from training.cancellation import Check, never_cancel
from training.cascade.bands import CrossFit, Routed, bands_of, blended, blends_of
from training.cascade.candidates import Chain, Option, all_chains, options
from training.cascade.confidence import upper_bound
from training.cascade.selection import Goal, choose
from training.cascade.study import Study, study
from training.data.dataset import Dataset, Targets, split, targets_of, texts_of
from training.encoder.export import ENCODER_FOLDER, PACKED, export_encoder
from training.evaluation import calibration_error, scores
from training.models import Resources, TrainableClassifier
from training.models.cached_encoder import CachedEncoder
from worker.cascade.cascade import Stage, ThresholdCascade
from worker.models.use import UseEncoder
from worker.types import Floats

_BINS = 20


@dataclass(frozen=True)
class Options:
    """What the user chooses."""

    use_handle: str = PACKED
    goal: Goal = field(default_factory=lambda: Goal(max_deferral=0.2))
    stages: Chain | None = None
    """The models to chain, from fast to strong; None tries all chains that make sense."""
    seed: int = 42
    device: str = "cpu"


@dataclass(frozen=True)
class Fitted:
    """What came of it."""

    manifest: Manifest
    considered: list[Option]
    chosen: Option
    routed: Routed
    """What the chosen cascade says of the training tweets, cross-fitted."""
    texts: list[str]
    """The training tweets, shape (n,)."""
    targets: Targets


def fit(dataset: Dataset, out: Path, wanted: Options, progress: Progress, check: Check = never_cancel) -> Fitted:
    """Train a cascade and write its artefact, USE included.

    Stages, blends and bands are chosen on out-of-fold predictions for the training part; the held-out part is only
    reported on. `check` is called before each step; what it raises ends the training, and the folder stays as it was.

    Raises:
        DataError: too few tweets, or no encoder where the handle leads.
        SettingError: no cascade meets the goal, or there is something else in the artefact's place.

    """
    parts = split(dataset.labelled)
    chains = [wanted.stages] if wanted.stages else list(all_chains())
    names = list(dict.fromkeys(name for chain in chains for name in chain))
    with staged(out) as folder:
        export_encoder(wanted.use_handle, folder / ENCODER_FOLDER)
        encoder = CachedEncoder(UseEncoder(str(folder / ENCODER_FOLDER)))
        known, models = study(names, parts, Resources(encoder, wanted.seed), progress, check)
        check()
        considered = options(chains, known)
        chosen = choose(wanted.goal, considered)
        pieces = _pieces(chosen, known, models)
        cross_fit = CrossFit(known.of(chosen.chain), known.targets)
        routed = cross_fit.route(chosen.shares)
        manifest = write_manifest(
            folder,
            pieces.save(folder),
            facts_of(dataset, parts),
            wanted.seed,
            {**_cross_validated(chosen, known), **_held_out(pieces, parts.held_out)},
            _policy(wanted, chosen, considered, known, routed, cross_fit.p[:, -1]),
        )
    return Fitted(manifest, considered, chosen, routed, texts_of(parts.train), known.targets)


@dataclass(frozen=True)
class _Pieces:
    """What the cascade is put together of."""

    models: Mapping[str, TrainableClassifier]
    blends: Sequence[Blend]
    bands: Sequence[Band | None]

    def cascade(self) -> ThresholdCascade:
        """Put them together."""
        pieces = zip(self.models.items(), self.bands, self.blends, strict=True)
        return ThresholdCascade([Stage(name, model, band, blend) for (name, model), band, blend in pieces], "")

    def save(self, folder: Path) -> list[StageSpec]:
        """Write the models; return what the manifest says of the stages."""
        pieces = zip(self.models.items(), self.bands, self.blends, strict=True)
        specs = [_save(folder, name, model, band, blend) for (name, model), band, blend in pieces]
        if not any(ENCODER_FOLDER in spec.files.values() for spec in specs):
            shutil.rmtree(folder / ENCODER_FOLDER)  # no stage needs it
        return specs


def _save(folder: Path, name: str, model: TrainableClassifier, band: Band | None, blend: Blend) -> StageSpec:
    saved = model.save(folder, name)
    return StageSpec(name=name, kind=saved.kind, files=saved.files, text=saved.text, band=band, blend=blend)


def _pieces(chosen: Option, known: Study, models: Mapping[str, TrainableClassifier]) -> _Pieces:
    """Return the chosen chain's models, with blends and bands made of all training tweets."""
    said = known.of(chosen.chain)
    blends = blends_of(said, known.targets)
    bands = bands_of(blended(blends, said), known.targets, chosen.shares)
    return _Pieces({name: models[name] for name in chosen.chain}, blends, [*bands, None])


def _policy(
    wanted: Options, chosen: Option, considered: Sequence[Option], known: Study, routed: Routed, last: Floats
) -> Policy:
    like = [o.point for o in considered if (o.chain, o.shares[:-1]) == (chosen.chain, chosen.shares[:-1])]
    overruled, early = _overruled(last, routed, len(chosen.chain))
    counts, _ = np.histogram(known.said[chosen.chain[0]], bins=_BINS, range=(0, 1))
    return Policy(
        goal=str(wanted.goal),
        device=wanted.device,
        chosen=chosen.point,
        curve=like,
        stages=chosen.stages,
        calibration_error=calibration_error(known.targets, routed.probability),
        overruled=overruled / max(1, early),
        overruled_high=upper_bound(overruled, early),
        histogram=(counts / counts.sum()).tolist(),
    )


def _overruled(last: Floats, routed: Routed, stages: int) -> tuple[int, int]:
    """Return on how many tweets decided before the last stage it would have said the other thing, and of how many."""
    early = routed.decided_by < stages - 1
    return int(((last >= 0.5) != (routed.probability >= 0.5))[early].sum()), int(early.sum())


def _cross_validated(chosen: Option, known: Study) -> dict[str, float]:
    alone = {name: scores(known.targets, known.said[name] >= 0.5)["accuracy"] for name in chosen.chain}
    return {
        "out_of_fold_accuracy": chosen.point.accuracy,
        "out_of_fold_f1": chosen.point.f1,
        "out_of_fold_deferral": chosen.point.deferral,
        **{f"out_of_fold_{name}_accuracy": accuracy for name, accuracy in alone.items()},
    }


def _held_out(pieces: _Pieces, held_out: pd.DataFrame) -> dict[str, float]:
    """Return how the cascade, as it is served, and each classifier alone do on tweets nothing was chosen on."""
    texts, targets, last = texts_of(held_out), targets_of(held_out), list(pieces.models)[-1]
    predictions = pieces.cascade().predict(texts)
    found = scores(targets, [p.target for p in predictions])
    p: Floats = np.array([p.probability for p in predictions])
    alone = {n: scores(targets, m.predict_proba(texts)[:, 1] >= 0.5)["accuracy"] for n, m in pieces.models.items()}
    return {
        **{f"held_out_{name}": value for name, value in found.items()},
        "held_out_deferral": sum(p.stage == last for p in predictions) / len(predictions),
        "held_out_calibration_error": calibration_error(targets, p),
        **{f"held_out_{name}_accuracy": value for name, value in alone.items()},
    }
