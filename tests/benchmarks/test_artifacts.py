"""Artifacts with a single stage."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.artifacts import write_single_stage
from worker.models import load_artifact


@pytest.mark.parametrize("name", ["baseline", "use"])
def test_a_single_stage_is_a_valid_artifact(small_artifact: Path, tmp_path: Path, name: str) -> None:
    """Its files, checksums and version are valid, it decides every tweet, and the source artifact stays unchanged."""
    alone = load_artifact(write_single_stage(small_artifact, name, tmp_path / "alone"))
    [stage] = alone.cascade.stages
    assert (stage.name, stage.band, stage.blend) == (name, None, None)
    assert alone.manifest.policy is None
    whole = load_artifact(small_artifact)
    assert alone.cascade.version != whole.cascade.version
    [same] = [s for s in whole.cascade.stages if s.name == name]
    texts = ["forest fire", "my mixtape is fire"]
    assert np.array_equal(stage.classifier.predict_proba(texts), same.classifier.predict_proba(texts))
