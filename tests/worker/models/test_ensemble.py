"""Ensembles of classifiers."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pydantic import ValidationError

from schemas import Combiner, DataFacts, StageSpec
from tests.helpers import FixedClassifier
from training.artifacts import Measured, write_manifest
from worker.models import load_artifact
from worker.models.ensemble import Ensemble, combine
from worker.types import Floats

PROBABILITIES = arrays(np.float64, st.tuples(st.integers(1, 5), st.just(3)), elements=st.floats(0, 1))


@given(PROBABILITIES)
def test_an_average_is_between_its_members(p: Floats) -> None:
    """The average lies between the lowest and the highest probability of the members."""
    combined = combine(Combiner(how="average"), p)
    assert ((combined >= p.min(axis=1) - 1e-12) & (combined <= p.max(axis=1) + 1e-12)).all()


@given(PROBABILITIES)
def test_a_vote_follows_the_majority(p: Floats) -> None:
    """Of three members, two decide the vote."""
    assert ((combine(Combiner(how="vote"), p) >= 0.5) == ((p >= 0.5).sum(axis=1) >= 2)).all()


@given(PROBABILITIES, st.lists(st.floats(-5, 5), min_size=3, max_size=3), st.floats(-5, 5))
def test_stacking_gives_probabilities(p: Floats, weights: list[float], bias: float) -> None:
    """Stacking stays between 0 and 1, even for members that say 0 or 1, whose log-odds are infinite."""
    combined = combine(Combiner(how="stacking", weights=weights, bias=bias), p)
    assert ((combined >= 0) & (combined <= 1)).all()


def test_stacking_is_a_logistic_regression() -> None:
    """With weight 1 for one member and no bias, stacking returns that member's probabilities."""
    p = np.array([[0.2, 0.9], [0.7, 0.1]])
    np.testing.assert_allclose(combine(Combiner(how="stacking", weights=[1, 0]), p), p[:, 0])


def test_all_members_classify_every_text() -> None:
    """The ensemble combines the probabilities of all members, one row per text."""
    members = [FixedClassifier({"a": 0.2}, 0.4), FixedClassifier({"a": 0.6}, 0.8)]
    p = Ensemble(members, Combiner(how="average")).predict_proba(["a", "b"])
    np.testing.assert_allclose(p, [[0.6, 0.4], [0.4, 0.6]])


def test_a_worker_loads_an_ensemble(small_artifact: Path, tmp_path: Path) -> None:
    """The worker loads a stage that is an ensemble and classifies with it."""
    fast, strong = (load_artifact(small_artifact).manifest.stages[i].model_copy(update={"band": None}) for i in (0, 1))
    for stage in (fast, strong):
        (tmp_path / stage.files["model"]).write_bytes((small_artifact / stage.files["model"]).read_bytes())
    both = StageSpec(name="both", kind="ensemble", files={}, members=[fast, strong], combiner=Combiner(how="average"))
    facts = DataFacts(name="sample", sha256="0" * 64, train_rows=1, held_out_rows=0, split_seed=42)
    write_manifest(tmp_path, [both], facts, 42, Measured({}))
    [prediction] = load_artifact(tmp_path).cascade.predict(["earthquake in the village, many dead"]).predictions
    assert (prediction.stage, prediction.target) == ("both", 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "ensemble"},
        {"kind": "sklearn", "combiner": Combiner(how="vote")},
        {"kind": "ensemble", "combiner": Combiner(how="stacking", weights=[1, 2]), "members": ["one"]},
    ],
)
def test_an_incomplete_ensemble_is_refused(wrong: dict[str, object]) -> None:
    """A manifest with members but no combiner, or with the wrong number of weights, is refused when it is read."""
    member = StageSpec(name="m", kind="sklearn", files={"model": "m.skops"})
    if "members" in wrong:
        wrong = {**wrong, "members": [member]}
    with pytest.raises(ValidationError, match="ensemble|stacking"):
        StageSpec.model_validate({"name": "s", "files": {}, **wrong})
