"""When tweets are sent, whatever becomes of them: an open loop. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from worker.types import Floats


class Phase(NamedTuple):
    """A time with one load."""

    name: str
    seconds: float
    rate: float
    """Tweets a second, on average."""


def times(phases: Sequence[Phase], seed: int) -> Floats:
    """Return the seconds, from the beginning, at which tweets are sent, in order: a Poisson process."""
    draw, begins = np.random.default_rng(seed), starts(phases)
    return np.concatenate([
        begin + np.sort(draw.uniform(0, phase.seconds, draw.poisson(phase.seconds * phase.rate)))
        for phase, begin in zip(phases, begins, strict=True)
    ])  # fmt: skip


def starts(phases: Sequence[Phase]) -> list[float]:
    """Return when each phase begins."""
    return [sum(phase.seconds for phase in phases[:n]) for n in range(len(phases))]


def write(phases: Sequence[Phase]) -> str:
    """Return the phases as an argument of a command."""
    return ",".join(f"{phase.name}:{phase.seconds!r}:{phase.rate!r}" for phase in phases)


def read(text: str) -> list[Phase]:
    """Return the phases of such an argument."""
    parts = [part.split(":") for part in text.split(",")]
    return [Phase(name, float(seconds), float(rate)) for name, seconds, rate in parts]
