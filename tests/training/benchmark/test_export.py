"""The benchmark's artifacts."""

import json
import shutil
from pathlib import Path

import numpy as np

from schemas import DataFacts
from training.benchmark.export import ArtifactFolder, link

FACTS = DataFacts(name="sample", sha256="0" * 64, train_rows=1, held_out_rows=0, split_seed=42)


def test_a_model_counts_as_saved_with_its_seed_only(small_artifact: Path, tmp_path: Path) -> None:
    """The saved model is the one whose figures are reported; one with a damaged manifest does not count."""
    shutil.copytree(small_artifact, tmp_path / "lstm")
    artifacts = ArtifactFolder(tmp_path, tmp_path, FACTS, np.array([0, 1]))
    assert artifacts.has("lstm", 42)
    assert not artifacts.has("lstm", 1)
    assert not artifacts.has("gru", 42)
    (tmp_path / "lstm" / "manifest.json").write_text(json.dumps({}))
    assert not artifacts.has("lstm", 42)


def test_linked_files_share_their_storage(tmp_path: Path) -> None:
    """Three models share one encoder of 81 MB; an existing file is replaced."""
    (tmp_path / "use").mkdir()
    (tmp_path / "use" / "weights").write_text("many")
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "weights").write_text("old")
    link(tmp_path / "use", tmp_path / "copy")
    assert (tmp_path / "copy" / "weights").read_text() == "many"
    assert (tmp_path / "copy" / "weights").samefile(tmp_path / "use" / "weights")
