"""A worker under load, on a simulated clock: the real pacing and the real costs, made-up time.

Tweets arrive at times that are drawn beforehand. The worker polls, is told a lag that may be old, and takes as long for
a batch as its true costs say, with some noise; it may have several batches at work at once, finished in their order.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from schemas import Band
from tests.helpers import FixedClassifier
from worker.cascade.cascade import Stage, ThresholdCascade
from worker.cascade.shedding import Cost
from worker.overload.controller import Batch, Pacer
from worker.types import Floats

CASCADE = ThresholdCascade(
    [Stage("fast", FixedClassifier(), Band(low=0.3, high=0.7)), Stage("strong", FixedClassifier())], "v"
)
FRONT, STRONG = Cost(0.002, 0.00008), Cost(0.01, 0.001)
"""What a batch takes but for the strong stage, and what that takes."""
DEFERRAL, NOISE = 0.2, 0.1


def arrivals(phases: Sequence[tuple[float, float]], seed: int) -> Floats:
    """Return when tweets arrive, in order, of phases of so many seconds with so many tweets a second: Poisson's."""
    draw, begin, times = np.random.default_rng(seed), 0.0, []
    for seconds, rate in phases:
        times.append(begin + np.sort(draw.uniform(0, seconds, draw.poisson(seconds * rate))))
        begin += seconds
    return np.concatenate(times)


@dataclass(frozen=True)
class World:
    """What is true, and what the worker is told of it."""

    lag_every: float = 0.1
    """How old the ends get before they are asked for again."""
    at_once: int = 1
    """Batches at work."""
    front: Cost = FRONT
    """Of a batch but for the strong stage."""
    believed: float = 1.0
    """What the worker takes a second at the strong stage for: a wrong cost."""

    def capacity(self) -> float:
        """Return tweets a second with nothing shed, in large batches."""
        return self.at_once * 1024 / (self.front.seconds(1024) + STRONG.seconds(1024 * DEFERRAL))


class Batches(NamedTuple):
    """What came of it: an item for each batch."""

    began: Floats
    waiting: Floats
    """Records when it began, its own included."""
    sizes: Floats
    shed: Floats
    wanted: Floats
    """Tweets that should have been deferred."""
    latencies: list[Floats]

    def shed_share(self, begin: float, end: float) -> float:
        """Return the share of the deferrals of a time that were shed."""
        inside = (begin <= self.began) & (self.began < end)
        return float(self.shed[inside].sum() / max(1.0, self.wanted[inside].sum()))

    def latency(self, begin: float, end: float) -> float:
        """Return the 99th percentile of the latencies of batches that began in that time."""
        inside = [x for t, x in zip(self.began, self.latencies, strict=True) if begin <= t < end]
        return float(np.quantile(np.concatenate(inside), 0.99))


@dataclass
class Work:
    """A batch at work."""

    batch: Batch
    first: int
    deferred: int
    of_strong: float
    seconds: float
    end: float


class Simulation:
    """A worker that labels the tweets which arrive at these times."""

    def __init__(self, times: Floats, world: World, new_pacer: Callable[[Callable[[], float]], Pacer]) -> None:
        self.times, self.world, self.now = times, world, 0.0
        self.pacer = new_pacer(lambda: self.now)
        self.pacer.adopt(CASCADE)
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
        """Return how many records a poll gives; tell the pacer a lag that may be old."""
        there = int(np.searchsorted(self.times, self.now, side="right"))
        records = min(self.pacer.limit, there - self.position)
        if self.now - self.asked > self.world.lag_every:
            self.asked, self.ends = self.now, there
        self.pacer.polled({("t", 0): max(0, self.ends - self.position - records)})
        self.waiting = there - self.position
        return records

    def begin(self, records: int) -> None:
        """Take a batch in hand; how long it takes is its costs' say, and chance's."""
        batch = self.pacer.begin(records)
        wanted = int(self.draw.binomial(records, DEFERRAL))
        deferred = batch.budget.admits("strong", wanted) if batch.budget else wanted
        of_front, of_strong = self.draw.lognormal(0, NOISE, 2) * (
            self.world.front.seconds(records),
            STRONG.seconds(deferred),
        )
        seconds = of_front + of_strong
        self.at_work.append(Work(batch, self.position, deferred, of_strong, seconds, self.now + seconds))
        self.rows.append((self.now, self.waiting, records, wanted - deferred, wanted))
        self.position += records

    def finish(self) -> None:
        """End the batch that was begun first."""
        work = self.at_work.pop(0)
        self.now = max(self.now, work.end)
        records = work.batch.records
        self.pacer.took("strong", work.deferred, work.of_strong * self.world.believed)
        self.pacer.end(work.batch, work.seconds, {"fast": records - work.deferred, "strong": work.deferred})
        self.latencies.append(self.now - self.times[work.first : work.first + records])
