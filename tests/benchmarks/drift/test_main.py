"""The benchmark of a stream that turns."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.drift.__main__ import build_parser
from benchmarks.drift.replay import ask, replayed
from training.data.dataset import SAMPLE, load_dataset, texts_of
from worker.cli import app
from worker.models import load_artifact


def written(path: Path, header: str, texts: list[str]) -> Path:
    """Write a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["id", header], *([str(n), text] for n, text in enumerate(texts))])
    return path


def test_a_stream_is_replayed(small_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """There is a row for each phase, with the shares as trained and as held."""
    home = written(tmp_path / "home.csv", "text", texts_of(load_dataset(SAMPLE).labelled)[:50])
    away = written(tmp_path / "away.csv", " Tweet Text", ["incendio en el valle", "hoy sale mi disco"])
    flags = ["--artifact", str(small_artifact), "--home", str(home), "--away", str(away), "--batches", "2"]
    flags += ["--away-column", "tweet text", "--json", str(tmp_path / "rows.json"), "--audit-share", "1"]
    assert app.main(build_parser(), flags) == 0
    rows = json.loads((tmp_path / "rows.json").read_text())
    assert [row["phase"] for row in rows] == ["home", "away", "both", "home again"]
    assert all(0 <= row["overruled"] <= 1 and row["tweets"] == 2000 for row in rows)
    assert "Early decisions that the last stage overrules" in capsys.readouterr().out


def test_a_replay_decides_as_the_cascade(small_artifact: Path) -> None:
    """What the stages say beforehand is what they say in the stream."""
    cascade, texts = load_artifact(small_artifact).cascade, texts_of(load_dataset(SAMPLE).labelled)[:200]
    answers = ask(cascade, texts)
    plain, again = cascade.predict(texts), replayed(cascade, answers).predict(list(map(str, range(200))))
    assert [(p.target, p.stage) for p in again.predictions] == [(p.target, p.stage) for p in plain.predictions]
    assert again.calls[0].known is not None
    assert np.array_equal(again.calls[0].known, plain.calls[0].known if plain.calls[0].known is not None else [])


@pytest.mark.parametrize(
    ("text", "message"), [("id,tweet\n1,a\n", "--home-column: no column is 'text'"), (None, "cannot read")]
)
def test_a_bad_file_is_refused(
    small_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, message: str
) -> None:
    """A file without the column, or without readable text, ends the command with one line and exit code 2."""
    path = tmp_path / "home.csv"
    if text:
        path.write_text(text)
    flags = ["--artifact", str(small_artifact), "--home", str(path), "--away", str(path)]
    assert app.main(build_parser(), flags) == 2
    assert message in capsys.readouterr().err
