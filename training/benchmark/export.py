"""The benchmark's models as artifacts, which the worker and `predict` load."""

import os
import shutil
from pathlib import Path

from schemas import CLASSES, ClassNames, DataFacts, Manifest, StageSpec
from training.artifacts import Measured, staged, write_manifest
from training.benchmark.ensembles import EnsembleExperiment
from training.benchmark.experiment import Experiment
from training.benchmark.keras_export import export_embeddings, export_formats
from training.data.dataset import Targets
from training.encoder.export import ENCODER_FOLDER
from training.evaluation import scores
from training.models import TrainableClassifier
from worker.errors import ArtifactError
from worker.models.artifact import read_manifest


class ArtifactFolder:
    """A folder with an artifact for each model.

    Args:
        folder: its path.
        encoder: the folder with USE, for the models that need it.
        facts: about the training data.
        targets: of the held-out tweets, 0 or 1, shape (n,), for the artifacts' metrics.
        classes: names of the targets 0 and 1.

    """

    def __init__(
        self, folder: Path, encoder: Path, facts: DataFacts, targets: Targets, classes: ClassNames = CLASSES
    ) -> None:
        self.folder = folder
        self._encoder = encoder
        self._facts = facts
        self._targets = targets
        self._classes = classes

    def has(self, name: str, seed: int) -> bool:
        """Return whether the folder has the model as trained with the seed, for these classes."""
        try:
            manifest = read_manifest(self.folder / name)
            return (manifest.seed, manifest.classes) == (seed, self._classes)
        except ArtifactError:
            return False

    def save(self, model: TrainableClassifier, experiment: Experiment, logs: Path) -> None:
        """Write a model's artifact; a Keras model also as HDF5 and as a SavedModel.

        Word vectors that the model has learned are written into its TensorBoard logs.
        """
        with staged(self.folder / experiment.model) as folder:
            saved = model.save(folder, experiment.model)
            if saved.network is not None:
                export_formats(saved.network, folder / f"{experiment.model}.keras")
            if saved.kind == "keras":
                export_embeddings(folder / saved.files["model"], logs)
            if ENCODER_FOLDER in saved.files.values():
                link(self._encoder, folder / ENCODER_FOLDER)
            spec = StageSpec(name=experiment.model, kind=saved.kind, files=saved.files, text=saved.text)
            self._write_manifest(folder, spec, experiment)

    def save_ensemble(self, ensemble: EnsembleExperiment) -> None:
        """Write an ensemble's artifact: its members' files and its combiner."""
        name = ensemble.experiment.model
        members = [read_manifest(self.folder / member).stages[0] for member in ensemble.members]
        with staged(self.folder / name) as folder:
            for member in members:
                for file in member.files.values():
                    link(self.folder / member.name / file, folder / file)
            spec = StageSpec(name=name, kind="ensemble", files={}, members=members, combiner=ensemble.combiner)
            self._write_manifest(folder, spec, ensemble.experiment)

    def _write_manifest(self, folder: Path, spec: StageSpec, experiment: Experiment) -> Manifest:
        measured = scores(self._targets, experiment.held_out >= 0.5)
        metrics = {f"held_out_{name}": value for name, value in measured.items()}
        return write_manifest(folder, [spec], self._facts, experiment.seed, Measured(metrics), self._classes)


def link(source: Path, target: Path) -> None:
    """Hard-link a file, or the files of a folder, to another place; copy where the file system has no hard links."""
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
