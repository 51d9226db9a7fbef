"""A folder of artefacts."""

import json
import shutil
from pathlib import Path

import numpy as np

from schemas import DataFacts
from training.benchmark.export import Gallery, link

FACTS = DataFacts(name="sample", sha256="0" * 64, train_rows=1, held_out_rows=0, split_seed=42)


def test_a_model_of_another_seed_is_not_the_one(small_artifact: Path, tmp_path: Path) -> None:
    """What is reported of a seed is what is saved; a damaged manifest is no model."""
    shutil.copytree(small_artifact, tmp_path / "lstm")
    gallery = Gallery(tmp_path, tmp_path, FACTS, np.array([0, 1]))
    assert gallery.has("lstm", 42)
    assert not gallery.has("lstm", 1)
    assert not gallery.has("gru", 42)
    (tmp_path / "lstm" / "manifest.json").write_text(json.dumps({}))
    assert not gallery.has("lstm", 42)


def test_a_file_is_there_twice_and_stored_once(tmp_path: Path) -> None:
    """Three models share one encoder of 81 MB; what is there already is replaced."""
    (tmp_path / "use").mkdir()
    (tmp_path / "use" / "weights").write_text("many")
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "weights").write_text("old")
    link(tmp_path / "use", tmp_path / "copy")
    assert (tmp_path / "copy" / "weights").read_text() == "many"
    assert (tmp_path / "copy" / "weights").samefile(tmp_path / "use" / "weights")
