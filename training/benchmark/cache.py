"""What a benchmark has found out so far, on disk: an interrupted one goes on where it stopped."""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

import schemas
import training
import worker
from training.benchmark.experiment import Experiment

_LIBRARIES = ("tensorflow", "keras", "scikit-learn", "numpy", "tensorflow-text")


class Store:
    """Keeps each experiment in a JSON file, and gives back only those made under the same circumstances.

    Args:
        folder: for the files; made when the first one is written.
        circumstances: what a result depends on besides the model's name and the seed. The project's own code and the
            libraries' versions are added: a model that was changed since is trained again.

    """

    def __init__(self, folder: Path, circumstances: dict[str, str]) -> None:
        self._folder = folder
        self._key = _digest({**circumstances, **{name: version(name) for name in _LIBRARIES}, "code": _code()})

    def load(self, model: str, seed: int) -> Experiment | None:
        """Return the experiment; None if there is none, or it is out of date or damaged."""
        try:
            kept = json.loads(self._path(model, seed).read_bytes())
            return Experiment.from_dict(kept["experiment"]) if kept["key"] == self._key else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def save(self, experiment: Experiment) -> None:
        """Write the experiment, whole or not at all."""
        path = self._path(experiment.model, experiment.seed)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps({"key": self._key, "experiment": experiment.as_dict()}), encoding="utf-8")
        part.replace(path)

    def forget(self) -> None:
        """Remove all experiments."""
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
