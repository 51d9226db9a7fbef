"""Cache of experiments on disk: an interrupted benchmark resumes where it stopped."""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

import schemas
import training
import worker
from training.benchmark.experiment import Experiment

_LIBRARIES = ("tensorflow", "keras", "scikit-learn", "numpy", "tensorflow-text")


class ExperimentCache:
    """Stores each experiment in a JSON file, and returns only those that were run under the same conditions.

    Args:
        folder: of the files; created with the first one.
        conditions: what a result depends on besides the model's name and the seed. The project's code and the
            libraries' versions are added, so that a changed model is trained again.

    """

    def __init__(self, folder: Path, conditions: dict[str, str]) -> None:
        self._folder = folder
        self._key = _digest({**conditions, **{name: version(name) for name in _LIBRARIES}, "code": _code()})

    def load(self, model: str, seed: int) -> Experiment | None:
        """Return the experiment; None if it is missing, out of date or damaged."""
        try:
            cached = json.loads(self._path(model, seed).read_bytes())
            return Experiment.from_dict(cached["experiment"]) if cached["key"] == self._key else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def save(self, experiment: Experiment) -> None:
        """Write the experiment atomically."""
        path = self._path(experiment.model, experiment.seed)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps({"key": self._key, "experiment": experiment.as_dict()}), encoding="utf-8")
        part.replace(path)

    def clear(self) -> None:
        """Delete all experiments."""
        for path in self._folder.glob("*-seed-*.json"):
            path.unlink()

    def _path(self, model: str, seed: int) -> Path:
        return self._folder / f"{model}-seed-{seed}.json"


def _digest(facts: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _code() -> str:
    """Return a checksum of all of the project's modules."""
    folders = [Path(str(package.__file__)).parent for package in (schemas, worker, training)]
    files = sorted(path for folder in folders for path in folder.rglob("*.py"))
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()
