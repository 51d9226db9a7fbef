"""Load phases and arrival times."""

import numpy as np
import pytest

from benchmarks.load_generator.phases import LoadPhase, arrival_times, format_phases, parse_phases

PHASES = [LoadPhase("100/s, before", 10.0, 100.0), LoadPhase("burst: 1,000/s", 5.0, 1000.0)]


def test_each_phase_has_its_rate() -> None:
    """Generator and benchmark draw the same times from one argument and seed, sorted, as many as the rates give."""
    times = arrival_times(PHASES, seed=1)
    assert (times == arrival_times(parse_phases(format_phases(PHASES)), seed=1)).all()
    assert (np.diff(times) >= 0).all()
    assert (times < 10).sum() == 1000
    assert (times >= 10).sum() == 5000


def test_arrivals_are_a_poisson_process() -> None:
    """The pauses between tweets are exponential: even spacing would hide the time spent waiting behind a cluster."""
    times = arrival_times([LoadPhase("all", 20, 1000)], seed=1)
    pauses = np.diff(times)
    assert len(times) == 20_000
    assert times[-1] == pytest.approx(20, rel=0.05)
    assert pauses.min() >= 0
    assert pauses.std() == pytest.approx(pauses.mean(), rel=0.05)
    assert np.array_equal(times, arrival_times([LoadPhase("all", 20, 1000)], seed=1))
