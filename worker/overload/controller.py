"""How large the next batch is, and how much of it may be deferred: so that tweets wait no longer than the objective.

The law of shedding: the L records that wait shall be done within the time H. So a batch of n of them gets n / L of H,
less what is in hand already, and what its unavoidable part leaves of that is its budget for the stages after the first.
At a constant load of a records a second L settles at a * H, where L / H are done a second: dL/dt = a - L / H is of
first order and does not oscillate. Where L is small all deferrals fit into the budget, and nothing is shed.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from worker.cascade.cascade import ThresholdCascade
from worker.cascade.shedding import Budget
from worker.overload.cost_model import Costs, Line
from worker.types import Lag

DRAIN = 0.4
"""H, as a share of the objective: the rest is for what was not known when a batch was begun, and for its own time."""
BATCH = 0.2
"""What a batch may take, as a share of the objective."""
FLOOR = 32
"""Records that a poll may always give."""
OVERHEAD = 0.25
"""What a batch may cost for itself, of what its records cost: smaller ones would cost more than they save."""
_GUESS = ((1.0, 0.004), (100.0, 0.01))  # of a whole batch, before any was measured
_HALF_LIFE = 16_384.0  # records
_MEMORY_S = 5.0


@dataclass(eq=False)
class Batch:
    """A batch in hand."""

    records: int
    seconds: float
    """Of work that batches of its size take."""
    budget: Budget | None
    """For the stages after the first; none: it may spend what it likes."""


class Pacer:
    """Decides on the main thread, when a batch is begun; learns when it is ended.

    Args:
        objective_s: how long a record may take from the broker to the commit of its label.
        most: records in a batch.
        sheds: whether tweets are shed for that; else they wait.
        clock: seconds that never go back.

    """

    def __init__(
        self,
        objective_s: float = 1.0,
        most: int = 1024,
        *,
        sheds: bool = False,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.objective_s, self.most, self.sheds = objective_s, most, sheds
        self._clock = clock
        self._costs = Costs(clock)
        self.took = self._costs.took
        self._stages: tuple[str, ...] = ()
        self._whole, self._front = Line(_GUESS, _HALF_LIFE), Line(_GUESS, _HALF_LIFE)
        self._lag, self._in_hand = 0, list[Batch]()
        self._parallel = Parallel(clock)

    def adopt(self, cascade: ThresholdCascade) -> None:
        """Decide for this cascade, which is warm, from here on."""
        self._stages = tuple(stage.name for stage in cascade.stages)
        if self.sheds:
            self._costs.adopt(cascade)

    @property
    def limit(self) -> int:
        """Records that the next poll may give, so that a batch takes its share of the objective."""
        cost = self._whole.cost
        waiting = self._lag + sum(batch.records for batch in self._in_hand)
        if not self.sheds and waiting * cost.each > self.objective_s * self._parallel.factor:
            return self.most  # the objective is lost: what counts is to be done soon
        worthwhile = max(FLOOR, int(cost.fixed / (OVERHEAD * cost.each)))
        return min(self.most, max(worthwhile, cost.tweets(BATCH * self.objective_s, self.most)))

    def polled(self, lag: Lag) -> None:
        """Note what waits after a poll; a partition whose end is not known is taken for read."""
        self._lag = sum(records or 0 for records in lag.values())

    def begin(self, records: int) -> Batch:
        """Take a batch in hand that was just polled, and say what it may spend."""
        self._parallel.begin()
        batch = Batch(records, self._whole.cost.seconds(records), self._budget(records) if self.sheds else None)
        self._in_hand.append(batch)
        return batch

    def _budget(self, records: int) -> Budget:
        left = DRAIN * self.objective_s * self._parallel.factor - sum(batch.seconds for batch in self._in_hand)
        fair = left * records / (records + self._lag)
        return Budget(fair - self._front.cost.seconds(records), self._costs.now())

    def end(self, batch: Batch, seconds: float, decided: Mapping[str, int] | None) -> None:
        """Note that a batch is no longer in hand.

        Args:
            batch: as it was begun.
            seconds: of work, all its steps added up.
            decided: how many labels came of each stage; None where it was given up, which teaches nothing.

        """
        self._in_hand.remove(batch)
        self._parallel.end(seconds)
        if decided is not None:
            self._whole.saw(batch.records, seconds)
            self._front.saw(batch.records, max(0.0, seconds - self._later(decided)))

    def _later(self, decided: Mapping[str, int]) -> float:
        """Return the seconds that the stages after the first will have taken."""
        costs = self._costs.now()
        reached = [sum(decided.get(name, 0) for name in self._stages[n:]) for n in range(len(self._stages))]
        return sum(costs[s].seconds(n) for s, n in zip(self._stages, reached, strict=True) if s in costs)


class Parallel:
    """How many seconds of work are done in a second: 1 where batches come one after the other, more where they overlap.

    Args:
        clock: seconds that never go back.

    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._in_hand, self._mark = 0, 0.0
        self._work = self._busy = 1.0

    @property
    def factor(self) -> float:
        """Over the last few busy seconds."""
        return self._work / self._busy

    def begin(self) -> None:
        """Note that a batch is taken in hand."""
        if not self._in_hand:
            self._mark = self._clock()
        self._in_hand += 1

    def end(self, work: float) -> None:
        """Note that a batch is no longer in hand, and what work it was."""
        now = self._clock()
        busy, self._mark = now - self._mark, now
        self._in_hand -= 1
        keep = 0.5 ** (busy / _MEMORY_S)
        self._work, self._busy = keep * self._work + work, keep * self._busy + busy
