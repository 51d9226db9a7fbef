"""Train, measure and save every model and the ensembles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.progress import Progress

from training.benchmark.cache import ExperimentCache
from training.benchmark.ensembles import EnsembleExperiment, ensembles
from training.benchmark.experiment import Experiment, run_experiment
from training.benchmark.export import ArtifactFolder
from training.cascade.folds import FOLDS
from training.data.dataset import Split, targets_of, texts_of
from training.models import Resources
from training.models.cached_encoder import CachedEncoder
from training.models.history import Watch


@dataclass(frozen=True)
class BenchmarkResult:
    """The experiments of all models, ensembles and seeds."""

    runs: list[dict[str, Experiment]]
    """By model, ensembles last; one mapping per seed. The first seed's are reported."""
    ensembles: list[EnsembleExperiment]
    """The first seed's."""


@dataclass(frozen=True)
class BenchmarkRunner:
    """Runs experiments on one split and saves the models.

    Args:
        parts: the data.
        encoder: USE.
        cache: of experiments.
        artifacts: where the first seed's models are saved.
        logs: TensorBoard's folder, with a subfolder for each of the first seed's models.
        progress: shows a bar per model.
        unlabelled: texts without targets, from which a model may learn too.

    """

    parts: Split
    encoder: CachedEncoder
    cache: ExperimentCache
    artifacts: ArtifactFolder
    logs: Path
    progress: Progress
    unlabelled: Sequence[str] = ()

    def run(self, names: Sequence[str], seeds: Sequence[int]) -> BenchmarkResult:
        """Train the models with each seed and fit the ensembles; cached experiments are not repeated."""
        singles = [{name: self._experiment(name, seed, saved=seed == seeds[0]) for name in names} for seed in seeds]
        combined = [self._ensembles(experiments) for experiments in singles]
        for ensemble in combined[0]:
            self.artifacts.save_ensemble(ensemble)
        runs = [
            {**experiments, **{ensemble.experiment.model: ensemble.experiment for ensemble in of_seed}}
            for experiments, of_seed in zip(singles, combined, strict=True)
        ]
        return BenchmarkResult(runs, combined[0])

    def _experiment(self, name: str, seed: int, *, saved: bool) -> Experiment:
        task = self.progress.add_task(name if saved else f"{name}, seed {seed}", total=FOLDS + 1)
        cached = self.cache.load(name, seed)
        if cached and (self.artifacts.has(name, seed) or not saved):
            self.progress.update(task, completed=FOLDS + 1, description=f"{name}: cached")
            return cached
        watch = Watch(texts_of(self.parts.held_out), targets_of(self.parts.held_out), self.logs / name)
        resources = Resources(self.encoder, seed, watch if saved else None, self.unlabelled)
        experiment, model = run_experiment(name, self.parts, resources, partial(self.progress.advance, task))
        if saved:
            self.artifacts.save(model, experiment, self.logs / name)
        self.cache.save(experiment)
        return experiment

    def _ensembles(self, experiments: Mapping[str, Experiment]) -> list[EnsembleExperiment]:
        task = self.progress.add_task("ensembles", total=None)
        fitted = []
        for ensemble in ensembles(experiments, targets_of(self.parts.train)):
            fitted.append(ensemble)
            self.progress.advance(task)
        self.progress.update(task, total=len(fitted))
        return fitted
