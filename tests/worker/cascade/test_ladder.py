"""The ladder of band widths."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from schemas import Band
from tests.helpers import FixedClassifier, audit_plan
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.ladder import Ladder
from worker.cascade.stage import Stage

shares = st.floats(0, 1)
bands = st.tuples(shares, shares).map(lambda ends: Band(low=min(ends), high=max(ends)))
rows = st.lists(st.tuples(shares, shares, shares), min_size=1, max_size=20)


def stages(probabilities: list[tuple[float, float, float]], *of: Band | None) -> list[Stage]:
    """Return stages that have these probabilities of the texts 0, 1, 2 and so on."""
    columns = [
        dict(zip(map(str, range(len(column))), column, strict=True)) for column in zip(*probabilities, strict=True)
    ]
    return [Stage(f"s{n}", FixedClassifier(p), band) for n, (p, band) in enumerate(zip(columns, of, strict=True))]


@given(rows, bands, bands)
def test_a_level_decides_what_the_cascade_decides_at_that_level(
    probabilities: list[tuple[float, float, float]], first: Band, second: Band
) -> None:
    """What the ladder says of a level is what the cascade does at it, so that the evidence is about real decisions."""
    chain = stages(probabilities, first, second, None)
    ladder, plain = Ladder(chain), ThresholdCascade(chain, "v")
    outcomes = ladder.outcomes(np.array(probabilities))
    texts = [str(n) for n in range(len(probabilities))]
    for level in range(ladder.top + 1):
        found = plain.audited(audit_plan(plain, 0, [level])).predict(texts).predictions
        early = [p.stage != "s2" for p in found]
        wrong = [p.target != (row[2] >= 0.5) for p, row in zip(found, probabilities, strict=True)]
        assert outcomes.early[:, level].tolist() == early
        assert outcomes.overruled[:, level].tolist() == [e and w for e, w in zip(early, wrong, strict=True)]
        if not level:
            assert found == plain.predict(texts).predictions, "level 0 is the cascade as trained"


@given(rows, bands, bands)
def test_each_level_defers_what_the_one_below_defers(
    probabilities: list[tuple[float, float, float]], first: Band, second: Band
) -> None:
    """Going up, each level decides fewer tweets early, and the top none."""
    early = Ladder(stages(probabilities, first, second, None)).outcomes(np.array(probabilities)).early
    assert not (early[:, 1:] & ~early[:, :-1]).any()
    assert not early[:, -1].any()


def test_the_first_stage_is_done_without_first() -> None:
    """The band of the second stage stays as trained until the first stage decides nothing."""
    ladder = Ladder(stages([(0.5, 0.5, 0.5)], Band(low=0.4, high=0.6), Band(low=0.3, high=0.5), None))
    assert ladder.widths.tolist() == [
        *([n / 4, 0] for n in range(5)),
        *([1, n / 4] for n in range(1, 5)),
    ]
    assert (ladder.low[2].tolist(), ladder.high[2].tolist()) == ([0.2, 0.3], [0.8, 0.5])


def test_a_single_stage_has_nothing_to_widen() -> None:
    """A cascade of one stage has one level."""
    assert Ladder(stages([(0.1, 0.2, 0.3)], None, None, None)[:1]).top == 0
