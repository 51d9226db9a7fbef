"""The benchmark's models as artefacts: each can be served by the worker, or asked by `predict`."""

import os
import shutil
from pathlib import Path

from schemas import DataFacts, Manifest, StageSpec
from training.artifacts import staged, write_manifest
from training.benchmark.embeddings import export_embeddings
from training.benchmark.ensembles import Team
from training.benchmark.experiment import Experiment
from training.benchmark.keras_formats import export_formats
from training.data.dataset import Targets
from training.encoder.export import ENCODER_FOLDER
from training.evaluation import scores
from training.models import TrainableClassifier
from worker.errors import ArtifactError
from worker.models.artifact import read_manifest


class Gallery:
    """A folder with an artefact for each model.

    Args:
        folder: that folder.
        encoder: the folder with USE's SavedModel, for the models that need it.
        facts: what the models were trained on.
        targets: of the held-out tweets, shape (n,), for the artefacts' metrics.

    """

    def __init__(self, folder: Path, encoder: Path, facts: DataFacts, targets: Targets) -> None:
        self.folder = folder
        self._encoder = encoder
        self._facts = facts
        self._targets = targets

    def has(self, name: str, seed: int) -> bool:
        """Tell whether the model was saved, as trained with the seed."""
        try:
            return read_manifest(self.folder / name).seed == seed
        except ArtifactError:
            return False

    def save(self, model: TrainableClassifier, experiment: Experiment, logs: Path) -> None:
        """Write a model: what the worker loads, and a Keras model also as HDF5 and as a SavedModel.

        Where it has learned vectors for words, TensorBoard finds them in its logs.
        """
        with staged(self.folder / experiment.model) as folder:
            saved = model.save(folder, experiment.model)
            for file in saved.files.values():
                if file.endswith(".keras"):
                    export_formats(folder / file)
            if saved.kind == "keras":
                export_embeddings(folder / saved.files["model"], logs)
            if ENCODER_FOLDER in saved.files.values():
                link(self._encoder, folder / ENCODER_FOLDER)
            spec = StageSpec(name=experiment.model, kind=saved.kind, files=saved.files, text=saved.text)
            self._describe(folder, spec, experiment)

    def save_team(self, team: Team) -> None:
        """Write an ensemble: its members' files, and how they answer as one."""
        members = [read_manifest(self.folder / name).stages[0] for name in team.members]
        with staged(self.folder / team.experiment.model) as folder:
            for member in members:
                for file in member.files.values():
                    link(self.folder / member.name / file, folder / file)
            name = team.experiment.model
            spec = StageSpec(name=name, kind="ensemble", files={}, members=members, combiner=team.combiner)
            self._describe(folder, spec, team.experiment)

    def _describe(self, folder: Path, spec: StageSpec, experiment: Experiment) -> Manifest:
        found = scores(self._targets, experiment.held_out >= 0.5)
        metrics = {f"held_out_{name}": value for name, value in found.items()}
        return write_manifest(folder, [spec], self._facts, experiment.seed, metrics)


def link(source: Path, target: Path) -> None:
    """Put a file or a folder elsewhere too, without a second copy where the file system can."""
    if source.is_dir():
        shutil.copytree(source, target, copy_function=_link, dirs_exist_ok=True)
    else:
        _link(str(source), str(target))


def _link(source: str, target: str) -> None:
    Path(target).unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
