"""All models, side by side."""

import csv
import json
from pathlib import Path

import pytest

from tests.training.test_commands import run

COLUMNS = [
    "model",
    "accuracy",
    "precision",
    "recall",
    "f1",
    "f1_macro",
    "roc_auc",
    "brier",
    "ece",
    "accuracy_low",
    "accuracy_high",
    "parameters",
    "trainable_parameters",
    "fit_seconds",
    "predict_seconds",
    "seconds_per_tweet",
    "tweets_per_second",
]


def test_results_have_a_row_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is compared, plotted and quoted is in files, and a person sees it at once."""
    monkeypatch.setenv("DISASTER_TWEETS_DIR", "")
    names = ["baseline", "conv1d", "tf_hub_sentence_encoder"]
    code, out, _ = run(capsys, "benchmark", "--out", str(tmp_path / "new" / "b"), "--models", ",".join(names))
    assert code == 0
    assert all(name in out for name in names)
    rows = json.loads((tmp_path / "new" / "b" / "results.json").read_text())
    assert [row["model"] for row in rows] == names
    assert list(rows[0]) == COLUMNS
    table = list(csv.DictReader((tmp_path / "new" / "b" / "results.csv").read_text().splitlines()))
    assert [float(row["accuracy"]) for row in table] == [row["accuracy"] for row in rows]
    assert all(row["accuracy_low"] <= row["accuracy"] <= row["accuracy_high"] for row in rows)


def test_an_unknown_model_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """The line lists those there are."""
    code, _, err = run(capsys, "benchmark", "--models", "baseline,bert")
    assert code == 2
    assert "no model is called bert; there are baseline, simple_dense" in err
