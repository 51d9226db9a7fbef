"""The benchmark, from its command line to its files."""

import csv
import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from tests.training.commands.running import run
from training.cascade import folds
from training.models import REGISTRY, Resources, TrainableClassifier
from worker.models import load_artifact

SCORES = ["accuracy", "precision", "recall", "f1", "f1_macro", "roc_auc", "brier", "ece"]
COSTS = ["fit_seconds", "predict_seconds", "seconds_per_tweet", "tweets_per_second"]
SIZES = ["parameters", "trainable_parameters"]
COLUMNS = ["model", *SCORES, "accuracy_low", "accuracy_high", *SIZES, *COSTS]
NAMES = ["baseline", "simple_dense", "letters"]


def worked_example() -> dict[str, object]:
    """Return the names of the example module in docs/training.md."""
    text = Path("docs/training.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(# training/models/letters.py\n.*?)```", text, re.DOTALL)
    assert code
    module = ModuleType("letters")
    exec(code[1], module.__dict__)  # noqa: S102 (the project's own example)
    return module.__dict__


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the folder that a benchmark of three models in two folds wrote; one is docs/training.md's example."""
    from training.__main__ import build_parser
    from worker.cli import app

    folder = tmp_path_factory.mktemp("benchmark") / "new" / "report"
    arguments = ["benchmark", "--out", str(folder), "--models", ",".join(NAMES), "--seeds", "1,2"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISASTER_TWEETS_DIR", "")
        patch.setattr(folds, "FOLDS", 2)
        patch.setitem(REGISTRY, "letters", worked_example()["build_letters"])
        assert app.main(build_parser(), arguments) == 0
        yield folder


def test_results_have_a_row_per_model(report: Path) -> None:
    """The result files have a row per model, then one per ensemble, with all columns."""
    rows = json.loads((report / "results.json").read_text())
    assert [row["model"] for row in rows] == [*NAMES, "best_average", "best_vote", "best_stacking"]
    assert all(list(row) == COLUMNS for row in rows)
    table = list(csv.DictReader((report / "results.csv").read_text().splitlines()))
    assert [float(row["accuracy"]) for row in table] == [row["accuracy"] for row in rows]
    assert all(row["accuracy_low"] <= row["accuracy"] <= row["accuracy_high"] for row in rows)
    comparisons = json.loads((report / "comparisons.json").read_text())
    assert all(comparisons[row["model"]]["by_seed"].keys() == {"1", "2"} for row in rows)


def test_every_model_can_be_served(report: Path) -> None:
    """The worker's loader loads models and ensembles, and their accuracy is the reported one."""
    predictions = list(csv.DictReader((report / "predictions.csv").read_text().splitlines()))
    rows = json.loads((report / "results.json").read_text())
    for row in rows:
        artifact = load_artifact(report / "models" / row["model"])
        assert artifact.manifest.metrics["held_out_accuracy"] == row["accuracy"]
        correct = [(float(tweet[row["model"]]) >= 0.5) == (tweet["target"] == "1") for tweet in predictions]
        assert sum(correct) / len(correct) == pytest.approx(row["accuracy"])


def test_keras_models_are_saved_in_three_formats(report: Path) -> None:
    """HDF5 and SavedModel are beside the `.keras` file and listed in the manifest."""
    files = load_artifact(report / "models" / "simple_dense").manifest.files
    assert {"simple_dense.keras", "simple_dense.h5", "simple_dense_savedmodel/saved_model.pb"} <= files.keys()


def test_tensorboard_has_learning_curves_and_word_vectors(report: Path) -> None:
    """The logs hold scalars of training and validation, and the word vectors for the projector."""
    logs = report / "tensorboard" / "simple_dense"
    assert list(logs.glob("train/events.*"))
    assert list(logs.glob("validation/events.*"))
    assert 'tensor_path: "vectors.tsv"' in (logs / "projector_config.pbtxt").read_text()
    words = (logs / "metadata.tsv").read_text().splitlines()
    assert words[:2] == ["[UNK]", "the"]
    vectors = (logs / "vectors.tsv").read_text().splitlines()
    assert {len(vector.split("\t")) for vector in vectors} == {128}
    assert len(vectors) == len(words)


def test_cached_experiments_are_not_repeated(
    report: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A resumed run trains only the missing models and reports the same figures."""
    monkeypatch.setenv("DISASTER_TWEETS_DIR", "")
    before = json.loads((report / "results.json").read_text())
    (report / "experiments" / "letters-seed-1.json").unlink()
    trained = []

    def watched(name: str, resources: Resources) -> TrainableClassifier:
        trained.append(name)
        return builders[name](resources)

    builders = {name: REGISTRY[name] for name in NAMES}
    for name in NAMES:
        monkeypatch.setitem(REGISTRY, name, partial(watched, name))
    code, out, _ = run(capsys, "benchmark", "--out", str(report), "--models", ",".join(NAMES), "--seeds", "1,2")
    assert code == 0
    assert set(trained) == {"letters"}
    assert "letters" in out
    after = json.loads((report / "results.json").read_text())
    assert [row["f1"] for row in after] == [row["f1"] for row in before]
    assert after[0]["fit_seconds"] == before[0]["fit_seconds"]


def test_the_example_model_predicts(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`predict` loads docs/training.md's example like any other model, without further code."""
    code, out, _ = run(capsys, "predict", "--artifact", str(report / "models" / "letters"), "wildfire, many dead")
    assert code == 0
    assert "letters" in out


def test_wrong_lists_the_reports_mistakes(
    report: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`wrong` lists both kinds of mistake of any model in the report; an unknown model or report is an error."""
    monkeypatch.setenv("DISASTER_TWEETS_DIR", "")
    code, out, _ = run(capsys, "wrong", "--report", str(report), "--model", "best_vote")
    assert code == 0
    assert "predicted disaster, the label is not_disaster" in out
    assert "predicted not_disaster, the label is disaster" in out
    code, _, err = run(capsys, "wrong", "--report", str(report), "--model", "bert")
    assert (code, "has no model bert" in err) == (2, True)
    code, _, err = run(capsys, "wrong", "--report", "nowhere")
    assert (code, "python -m training benchmark --out nowhere" in err) == (2, True)


def test_embeddings_are_written(report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`embeddings` writes the projector's files from a saved network; a model without word vectors is an error."""
    model = str(report / "models" / "simple_dense")
    code, out, _ = run(capsys, "embeddings", "--model", model, "--out", str(tmp_path / "e"))
    assert code == 0
    assert "words and their vectors" in out
    assert (tmp_path / "e" / "vectors.tsv").is_file()
    code, _, err = run(capsys, "embeddings", "--model", str(report / "models" / "baseline"), "--out", str(tmp_path))
    assert (code, "has no word vectors" in err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--models baseline,bert", "no model is called bert; there are baseline, simple_dense"),
        ("--models baseline --out /proc/nothing", "cannot write into /proc/nothing"),
    ],
)
def test_a_usage_error_is_reported(
    arguments: str, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names the cause, and the exit code is 2."""
    monkeypatch.setenv("DISASTER_TWEETS_DIR", "")
    code, _, err = run(capsys, "benchmark", *arguments.split())
    assert (code, message in err) == (2, True)


@pytest.mark.parametrize("seeds", ["one", "1,1", "-1"])
def test_seeds_are_different_whole_numbers(seeds: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A repeated seed, which would narrow the spread, is rejected like a word or a negative number."""
    with pytest.raises(SystemExit) as ended:
        run(capsys, "benchmark", f"--seeds={seeds}")
    assert ended.value.code == 2
    assert repr(seeds) in capsys.readouterr().err
