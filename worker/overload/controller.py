"""The overload controller: sizes batches and limits deferrals so that tweets meet the latency objective.

The overload law: the L records of the backlog shall be done within the time H. A batch of n of them therefore gets the
share n / L of H, less the work already in flight; what its unavoidable part leaves of that is its budget for the
stages after the first. Under a constant load of a records a second the backlog follows dL/dt = a - L / H, which is of
first order: it settles at L = a * H and does not oscillate. While L is small all deferrals fit into the budget, and
nothing is shed.

Example: an objective of 1 s makes H = 0.4 s. With 3,000 records waiting, a batch of 1,000 more gets
1,000 / 4,000 * 0.4 s = 0.1 s. If decoding, the first stage and publishing take 0.06 s for 1,000 records, 0.04 s remain:
at 1 ms a deferral, 40 of its tweets are deferred and the others that the first stage is unsure of are shed.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from worker.cascade.cascade import ThresholdCascade
from worker.cascade.shedding import Budget
from worker.overload.cost_model import CostLine, CostModel
from worker.overload.transaction_size import TransactionSize
from worker.types import Lag, StageCall

DRAIN = 0.4
"""H as a share of the objective: the rest covers the batch's own time and what was not known when it began."""
BATCH = 0.2
"""Time of a batch as a share of the objective."""
FLOOR = 32
"""Records that a poll may always return."""
OVERHEAD = 0.25
"""Largest fixed cost of a batch as a share of its records' cost; smaller batches would cost more than they save."""
_PRIOR = ((1.0, 0.004), (100.0, 0.01))  # of a whole batch, before any was measured
_HALF_LIFE = 16_384.0  # records
_MEMORY_S = 5.0


@dataclass(eq=False)
class Allowance:
    """What a batch in flight may take."""

    records: int
    seconds: float
    """Expected work of a batch of this size."""
    budget: Budget | None
    """For the stages after the first; None: unlimited."""


class OverloadController:
    """Sizes batches and sets their budgets. Used from the main thread only.

    Args:
        objective_s: how long a record may take from the broker to the commit of its label.
        most: records in a batch.
        sheds: whether to shed deferrals to meet the objective; otherwise records wait.
        transaction_s: the broker aborts a batch whose transaction is open for longer.
        clock: monotonic seconds.

    """

    def __init__(
        self,
        objective_s: float = 1.0,
        most: int = 1024,
        *,
        sheds: bool = False,
        transaction_s: float = math.inf,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.objective_s, self.most, self.sheds = objective_s, most, sheds
        self._stage_costs = CostModel(clock)
        self._first_stage = ""
        self._whole, self._front = CostLine(_PRIOR, _HALF_LIFE), CostLine(_PRIOR, _HALF_LIFE)
        self._lag, self._in_flight = 0, list[Allowance]()
        self._parallelism, self._transactions = Parallelism(clock), TransactionSize(most, transaction_s)

    def adopt(self, cascade: ThresholdCascade) -> None:
        """Use the costs of this cascade from now on; it must be warm."""
        self._first_stage = cascade.names[0]
        if self.sheds:
            self._stage_costs.adopt(cascade)

    @property
    def limit(self) -> int:
        """Records that the next poll may return: a batch takes its share of the objective, and fits a transaction."""
        return min(self._transactions.limit, self._timely)

    @property
    def _timely(self) -> int:
        cost = self._whole.cost
        backlog = self._lag + sum(batch.records for batch in self._in_flight)
        if not self.sheds and backlog * cost.each > self.objective_s * self._parallelism.factor:
            return self.most  # the objective is lost already: maximize throughput
        worthwhile = max(FLOOR, int(cost.fixed / (OVERHEAD * cost.each)))
        return min(self.most, max(worthwhile, cost.tweets(BATCH * self.objective_s, self.most)))

    @property
    def behind(self) -> bool:
        """Whether records wait at the broker, as far as the worker knows."""
        return self._lag > 0

    def polled(self, lag: Lag) -> None:
        """Update the backlog after a poll; a partition whose end offset is unknown counts as empty."""
        self._lag = sum(records or 0 for records in lag.values())

    def begin(self, records: int) -> Allowance:
        """Return the allowance of a batch that was just polled."""
        self._parallelism.begin()
        expected = self._whole.cost.seconds(records)
        allowance = Allowance(records, expected, self._budget(records) if self.sheds else None)
        self._in_flight.append(allowance)
        return allowance

    def _budget(self, records: int) -> Budget:
        drain = DRAIN * self.objective_s * self._parallelism.factor
        left = drain - sum(batch.seconds for batch in self._in_flight)
        fair = left * records / (records + self._lag)
        return Budget(fair - self._front.cost.seconds(records), self._stage_costs.costs())

    def end(self, allowance: Allowance, seconds: float, calls: Sequence[StageCall], delivery_s: float = 0.0) -> None:
        """Learn the costs of a batch that was committed.

        Args:
            allowance: of the batch.
            seconds: of work, all operations added up.
            calls: its stage calls.
            delivery_s: seconds of publishing and commit, for which its transaction was open.

        """
        self._transactions.committed(allowance.records, delivery_s)
        self._remove(allowance, seconds)
        self._stage_costs.observe(calls)
        later = sum(call.seconds for call in calls if call.stage != self._first_stage)
        self._whole.observe(allowance.records, seconds)
        self._front.observe(allowance.records, max(0.0, seconds - later))

    def abort(self, allowance: Allowance, seconds: float, calls: Sequence[StageCall]) -> None:
        """Make the next batch smaller than this one, whose transaction was aborted.

        Its time depended on the broker, so that only its stage calls count as costs.
        """
        self._transactions.aborted(allowance.records)
        self._remove(allowance, seconds)
        self._stage_costs.observe(calls)

    def abandon(self, allowance: Allowance) -> None:
        """Forget a batch that is polled again."""
        self._remove(allowance, 0.0)

    def _remove(self, allowance: Allowance, seconds: float) -> None:
        self._in_flight.remove(allowance)
        self._parallelism.end(seconds)


class Parallelism:
    """Seconds of work done in a second: 1 where batches run one after the other, more where they overlap.

    Args:
        clock: monotonic seconds.

    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._in_flight, self._mark = 0, 0.0
        self._work = self._busy = 1.0

    @property
    def factor(self) -> float:
        """The average over the last few busy seconds."""
        return self._work / self._busy

    def begin(self) -> None:
        """Note that a batch begins."""
        if not self._in_flight:
            self._mark = self._clock()
        self._in_flight += 1

    def end(self, work: float) -> None:
        """Note that a batch ends after this many seconds of work."""
        now = self._clock()
        busy, self._mark = now - self._mark, now
        self._in_flight -= 1
        keep = 0.5 ** (busy / _MEMORY_S)
        self._work, self._busy = keep * self._work + work, keep * self._busy + busy
