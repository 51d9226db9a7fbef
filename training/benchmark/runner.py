"""Every model of the registry on one split, and their ensembles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.progress import Progress

from training.benchmark.cache import Store
from training.benchmark.ensembles import Team, ensembles
from training.benchmark.experiment import Experiment, run_experiment
from training.benchmark.export import Gallery
from training.cascade.out_of_fold import FOLDS
from training.data.dataset import Split, targets_of, texts_of
from training.models import Resources
from training.models.cached_encoder import CachedEncoder
from training.models.history import Watch


@dataclass(frozen=True)
class Outcome:
    """All that a benchmark found out."""

    runs: list[dict[str, Experiment]]
    """The experiments by model, ensembles last; a mapping for each seed. The first seed's are reported."""
    teams: list[Team]
    """The first seed's ensembles."""


@dataclass(frozen=True)
class Bench:
    """Where models are trained and measured.

    Args:
        parts: the data.
        encoder: USE.
        store: has what is known already, and keeps what is found out.
        gallery: for the first seed's models.
        logs: TensorBoard's folder, one below it for each of the first seed's models.
        progress: a bar for each model.

    """

    parts: Split
    encoder: CachedEncoder
    store: Store
    gallery: Gallery
    logs: Path
    progress: Progress

    def run(self, names: Sequence[str], seeds: Sequence[int]) -> Outcome:
        """Train the models with each seed, and put the ensembles together; what the store has is not done again."""
        singles = [{name: self._experiment(name, seed, saved=seed == seeds[0]) for name in names} for seed in seeds]
        teams = [self._teams(experiments) for experiments in singles]
        for team in teams[0]:
            self.gallery.save_team(team)
        runs = [
            {**experiments, **{team.experiment.model: team.experiment for team in of_seed}}
            for experiments, of_seed in zip(singles, teams, strict=True)
        ]
        return Outcome(runs, teams[0])

    def _experiment(self, name: str, seed: int, *, saved: bool) -> Experiment:
        task = self.progress.add_task(name if saved else f"{name}, seed {seed}", total=FOLDS + 1)
        known = self.store.load(name, seed)
        if known and (self.gallery.has(name, seed) or not saved):
            self.progress.update(task, completed=FOLDS + 1, description=f"{name}: known already")
            return known
        watch = Watch(texts_of(self.parts.held_out), targets_of(self.parts.held_out), self.logs / name)
        resources = Resources(self.encoder, seed, watch if saved else None)
        experiment, model = run_experiment(name, self.parts, resources, partial(self.progress.advance, task))
        if saved:
            self.gallery.save(model, experiment, self.logs / name)
        self.store.save(experiment)
        return experiment

    def _teams(self, experiments: Mapping[str, Experiment]) -> list[Team]:
        task = self.progress.add_task("ensembles", total=None)
        teams = []
        for team in ensembles(experiments, targets_of(self.parts.train)):
            teams.append(team)
            self.progress.advance(task)
        self.progress.update(task, total=len(teams))
        return teams
