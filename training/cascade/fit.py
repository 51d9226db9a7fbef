"""Train a cascade and write its artifact."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rich.progress import Progress

from schemas import Band, Blend, Manifest, StageSpec
from training.artifacts import Measured, facts_of, staged, write_manifest
from training.cancellation import Check, never_cancel
from training.cascade.bands import Routing, apply_blends, fit_bands, fit_blends
from training.cascade.candidates import (
    Candidate,
    decide_by_folds,
    evaluate_chains,
)
from training.cascade.decisions import DecisionsByFolds
from training.cascade.fidelity import Comparison
from training.cascade.measurement import Chain
from training.cascade.out_of_fold import OutOfFold, cross_validate
from training.cascade.policy import build_policy, cross_validated_metrics, held_out_metrics
from training.cascade.selection import Goal, choose
from training.data.dataset import Dataset, Targets, split, targets_of, texts_of
from training.data.groups import group_tweets
from training.data.reviewed import Reviewed, ReviewedTweets, write_fingerprints
from training.encoder.export import ENCODER_FOLDER, PACKED, export_encoder
from training.encoder.opening import open_encoder
from training.models import Resources, TrainableClassifier
from training.models.cached_encoder import CachedEncoder
from training.sentence_encoder.export import OTHER_FOLDER, open_other_encoder
from training.sentence_encoder.opening import chains_to_try, export_reader
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.stage import Stage
from worker.models.text_cleaning import clean


@dataclass(frozen=True)
class FitOptions:
    """The user's choices."""

    use_handle: str = PACKED
    goal: Goal = field(default_factory=lambda: Goal(max_deferral=0.2))
    stages: Chain | None = None
    """The only chain to try; None: every chain of `all_chains`."""
    encoder: Path | None = None
    """The folder of a sentence encoder of others for further stages."""
    seed: int = 42
    device: str = "cpu"
    group_by: str | None = None
    """The column whose values are the groups; None: `event`, `file`, `keyword` or near-duplicates."""
    fitted_on: Literal["grouped", "random"] = "grouped"
    """The folds on whose predictions blends and bands are fitted."""
    prior: float | None = 0.5
    """The share of disasters in the stream that probabilities are calibrated for; None: as in training."""
    reviewed: Reviewed | None = None
    """Tweets to train on beside the data; no figure is of them."""


@dataclass(frozen=True)
class FitResult:
    """The chosen cascade, and what its report shows."""

    manifest: Manifest
    candidates: list[Candidate]
    chosen: Candidate
    decisions: DecisionsByFolds
    """What the chosen cascade decides for the training tweets."""
    texts: list[str]
    """The training tweets, shape (n,)."""
    targets: Targets
    """Of the training tweets, 0 or 1, shape (n,)."""
    prior: float | None = None
    """The share of disasters in the stream that probabilities are calibrated for; None: as among the targets."""
    reviewed: ReviewedTweets | None = None
    """What was trained on beside them."""

    @property
    def routing(self) -> Routing:
        """What the chosen cascade decides for the training tweets, in folds of unseen groups."""
        return self.decisions.grouped.routing


def fit(dataset: Dataset, out: Path, options: FitOptions, progress: Progress, check: Check = never_cancel) -> FitResult:
    """Train a cascade and write its artifact, USE included.

    Stages, blends and bands are chosen on out-of-fold predictions for the training part, in folds of unseen groups.
    The held-out part serves for reported figures only. `check` is called before each step; what it raises ends the
    training, and the folder stays as it was.

    Raises:
        DataError: too few tweets, the handle leads to no encoder, or the folder of the other encoder holds none.
        ArtifactError: the tokenizer of the other encoder does not load.
        SettingError: no cascade meets the goal, or the artifact's folder holds something else.

    """
    parts = split(dataset.labelled)
    grouping = group_tweets(parts.train, options.group_by)
    reviewed = options.reviewed.among(parts, grouping.by) if options.reviewed else None
    other = open_other_encoder(options.encoder) if options.encoder else None
    chains = chains_to_try(options.stages, options.encoder)
    names = list(dict.fromkeys(name for chain in chains for name in chain))
    with staged(out) as folder:
        calibration = [clean(text) for text in texts_of(parts.train)]
        export_encoder(options.use_handle, folder / ENCODER_FOLDER, calibration)
        check()
        encoder = open_encoder(folder / ENCODER_FOLDER, options.device)
        reader = export_reader(other, folder / OTHER_FOLDER, calibration) if other else None
        resources = Resources(CachedEncoder(encoder), options.seed, None, dataset.unlabelled_texts, reader)
        validated, models = cross_validate(names, parts, grouping.groups, resources, progress, check, reviewed)
        check()
        validated = validated.with_prior(options.prior)
        source = validated.grouped if options.fitted_on == "grouped" else validated.random
        candidates = evaluate_chains(chains, validated, source)
        chosen = choose(options.goal, candidates)
        decisions = decide_by_folds(chosen, validated, source)
        fitted = _fit_stages(chosen, source, models)
        specs = fitted.save(folder)
        if reviewed:
            write_fingerprints(folder, reviewed.tweets)
        compared = Comparison(folder, parts, resources, validated.random, reviewed)
        manifest = write_manifest(
            folder,
            specs,
            facts_of(dataset, parts),
            options.seed,
            Measured(
                {
                    **cross_validated_metrics(chosen, validated),
                    **held_out_metrics(
                        fitted.cascade(), texts_of(parts.held_out), targets_of(parts.held_out), options.prior
                    ),
                },
                build_policy(options.goal, options.device, grouping.by, chosen, candidates, validated, decisions),
                compared.last_head("use", specs, models, progress, check),
                compared.last_head("encoder", specs, models, progress, check),
            ),
            dataset.classes,
        )
    texts = texts_of(parts.train)
    return FitResult(manifest, candidates, chosen, decisions, texts, source.targets, options.prior, reviewed)


@dataclass(frozen=True)
class _FittedStages:
    """The chain's trained models, with their blends and bands."""

    models: Mapping[str, TrainableClassifier]
    blends: Sequence[Blend]
    bands: Sequence[Band | None]

    def cascade(self) -> ThresholdCascade:
        """Return the cascade as the worker serves it."""
        stages = zip(self.models.items(), self.bands, self.blends, strict=True)
        return ThresholdCascade([Stage(name, model, band, blend) for (name, model), band, blend in stages], "")

    def save(self, folder: Path) -> list[StageSpec]:
        """Write the models; return the stages' part of the manifest."""
        stages = zip(self.models.items(), self.bands, self.blends, strict=True)
        specs = [_save(folder, name, model, band, blend) for (name, model), band, blend in stages]
        for encoder in (ENCODER_FOLDER, OTHER_FOLDER):
            if not any(encoder in spec.files.values() for spec in specs):
                shutil.rmtree(folder / encoder, ignore_errors=True)  # no stage needs it
        return specs


def _save(folder: Path, name: str, model: TrainableClassifier, band: Band | None, blend: Blend) -> StageSpec:
    saved = model.save(folder, name)
    return StageSpec(name=name, kind=saved.kind, files=saved.files, text=saved.text, band=band, blend=blend)


def _fit_stages(chosen: Candidate, out_of_fold: OutOfFold, models: Mapping[str, TrainableClassifier]) -> _FittedStages:
    """Return the chosen chain's models, with blends and bands fitted on all training tweets."""
    classifier_p, targets = out_of_fold.columns(chosen.chain), out_of_fold.targets
    blends = fit_blends(classifier_p, targets, out_of_fold.prior)
    bands = fit_bands(apply_blends(blends, classifier_p), targets, chosen.shares)
    return _FittedStages({name: models[name] for name in chosen.chain}, blends, [*bands, None])
