"""Load phases and the arrival times of their tweets. Pure."""

import json
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from worker.types import Floats


class LoadPhase(NamedTuple):
    """A period of constant load."""

    name: str
    seconds: float
    rate: float
    """Tweets a second, on average."""


def arrival_times(phases: Sequence[LoadPhase], seed: int) -> Floats:
    """Draw the arrival times of a Poisson process, in seconds from the start, sorted, shape (n,).

    Each phase has its expected number of tweets, at least one: given their number, the arrivals of a Poisson process
    are independent and uniform (Ross, Introduction to Probability Models, theorem 5.2). The same seed gives the same
    times, so that two processes can draw them independently.
    """
    random = np.random.default_rng(seed)
    return np.concatenate([
        start + np.sort(random.uniform(0, phase.seconds, max(1, round(phase.seconds * phase.rate))))
        for phase, start in zip(phases, phase_starts(phases), strict=True)
    ])  # fmt: skip


def phase_starts(phases: Sequence[LoadPhase]) -> list[float]:
    """Return the start of each phase, in seconds from the start of the first."""
    return [sum(phase.seconds for phase in phases[:n]) for n in range(len(phases))]


def format_phases(phases: Sequence[LoadPhase]) -> str:
    """Return the phases as one command-line argument."""
    return json.dumps(phases)


def parse_phases(text: str) -> list[LoadPhase]:
    """Parse the phases of a command-line argument: a JSON list of [name, seconds, rate]."""
    return [LoadPhase(str(name), float(seconds), float(rate)) for name, seconds, rate in json.loads(text)]
