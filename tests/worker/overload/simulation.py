"""A simulation of a worker under load: the real controller and cost model on a simulated clock.

Tweets arrive at times drawn beforehand. The worker polls, sees a lag that may be stale, and takes as long for a batch
as its true costs say, with some noise; it may have several batches in flight, finished in order.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from schemas import Band
from tests.helpers import FixedClassifier
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.shedding import Cost
from worker.cascade.stage import Stage
from worker.overload.controller import Allowance, OverloadController
from worker.types import Floats, StageCall

CASCADE = ThresholdCascade(
    [Stage("fast", FixedClassifier(), Band(low=0.3, high=0.7)), Stage("strong", FixedClassifier())], "v"
)
FRONT, STRONG = Cost(0.002, 0.00008), Cost(0.01, 0.001)
"""Costs of a batch without the strong stage, and of the strong stage."""
DEFERRAL, NOISE = 0.2, 0.1


def arrivals(phases: Sequence[tuple[float, float]], seed: int) -> Floats:
    """Return the arrival times of a Poisson process, in order, for phases of (seconds, tweets a second)."""
    draw, begin, times = np.random.default_rng(seed), 0.0, []
    for seconds, rate in phases:
        times.append(begin + np.sort(draw.uniform(0, seconds, draw.poisson(seconds * rate))))
        begin += seconds
    return np.concatenate(times)


@dataclass(frozen=True)
class World:
    """The true costs, and what the worker sees of them."""

    lag_every: float = 0.1
    """Seconds between two looks at the end offsets."""
    at_once: int = 1
    """Batches in flight."""
    front: Cost = FRONT
    """Cost of a batch without the strong stage."""
    believed: float = 1.0
    """Factor by which the worker mismeasures the strong stage's seconds."""

    def capacity(self) -> float:
        """Return tweets a second with nothing shed, in large batches."""
        return self.at_once * 1024 / (self.front.seconds(1024) + STRONG.seconds(1024 * DEFERRAL))


class Batches(NamedTuple):
    """The outcome: an item for each batch."""

    began: Floats
    waiting: Floats
    """Backlog when the batch began, its own records included."""
    sizes: Floats
    shed: Floats
    wanted: Floats
    """Tweets that should have been deferred."""
    latencies: list[Floats]

    def shed_share(self, begin: float, end: float) -> float:
        """Return the share of an interval's deferrals that was shed."""
        inside = (begin <= self.began) & (self.began < end)
        return float(self.shed[inside].sum() / max(1.0, self.wanted[inside].sum()))

    def latency(self, begin: float, end: float) -> float:
        """Return the 99th percentile of the latencies of batches that began in an interval."""
        inside = [x for t, x in zip(self.began, self.latencies, strict=True) if begin <= t < end]
        return float(np.quantile(np.concatenate(inside), 0.99))


@dataclass
class Work:
    """A batch in flight."""

    allowance: Allowance
    first: int
    deferred: int
    of_strong: float
    seconds: float
    end: float


NewController = Callable[[Callable[[], float]], OverloadController]
"""Makes a controller that uses the clock."""


class Simulation:
    """A worker that labels tweets with these arrival times."""

    def __init__(
        self, times: Floats, world: World, new_controller: Callable[[Callable[[], float]], OverloadController]
    ) -> None:
        self.times, self.world, self.now = times, world, 0.0
        self.controller = new_controller(lambda: self.now)
        self.controller.adopt(CASCADE)
        self.draw = np.random.default_rng(0)
        self.position, self.asked, self.ends = 0, -np.inf, 0
        self.at_work: list[Work] = []
        self.rows: list[tuple[float, ...]] = []
        self.latencies: list[Floats] = []

    def run(self) -> Batches:
        """Label them all."""
        while self.position < len(self.times):
            upcoming = float(self.times[self.position])
            if len(self.at_work) >= self.world.at_once or (self.at_work and self.at_work[0].end <= upcoming):
                self.finish()
            else:
                self.now = max(self.now, upcoming)
                self.begin(self.poll())
        while self.at_work:
            self.finish()
        began, waiting, sizes, shed, wanted = np.array(self.rows).T
        return Batches(began, waiting, sizes, shed, wanted, self.latencies)

    def poll(self) -> int:
        """Return how many records a poll returns; give the controller a lag that may be stale."""
        there = int(np.searchsorted(self.times, self.now, side="right"))
        records = min(self.controller.limit, there - self.position)
        if self.now - self.asked > self.world.lag_every:
            self.asked, self.ends = self.now, there
        self.controller.polled({("t", 0): max(0, self.ends - self.position - records)})
        self.waiting = there - self.position
        return records

    def begin(self, records: int) -> None:
        """Begin a batch that takes its true costs, with noise."""
        allowance = self.controller.begin(records)
        wanted = int(self.draw.binomial(records, DEFERRAL))
        deferred = allowance.budget.admits("strong", wanted) if allowance.budget else wanted
        of_front, of_strong = self.draw.lognormal(0, NOISE, 2) * (
            self.world.front.seconds(records),
            STRONG.seconds(deferred),
        )
        seconds = of_front + of_strong
        self.at_work.append(Work(allowance, self.position, deferred, of_strong, seconds, self.now + seconds))
        self.rows.append((self.now, self.waiting, records, wanted - deferred, wanted))
        self.position += records

    def finish(self) -> None:
        """End the batch that began first."""
        work = self.at_work.pop(0)
        self.now = max(self.now, work.end)
        records = work.allowance.records
        calls = [StageCall("strong", work.deferred, work.of_strong * self.world.believed, np.zeros(work.deferred))]
        self.controller.end(work.allowance, work.seconds, calls)
        self.latencies.append(self.now - self.times[work.first : work.first + records])
