"""What watches over the loop, and what may change between two batches."""

from collections.abc import Callable
from dataclasses import dataclass, field

from worker.cascade.cascade import ThresholdCascade
from worker.monitoring.health import Health
from worker.monitoring.shadow import Auditor
from worker.overload.controller import Pacer
from worker.stream.circuit_breaker import Breaker


def _none() -> ThresholdCascade | None:
    return None


@dataclass(frozen=True)
class Supervision:
    """What watches over a worker's loop.

    Args:
        health: what /livez and /readyz are told.
        breaker: what stops it when too much is bad.
        auditor: what asks the last stage about tweets that did not reach it.
        pacer: what decides how large batches are, and how much of them is deferred.
        successor: returns, once, a cascade that is to take over between two batches; None where there is none.

    """

    health: Health
    breaker: Breaker = field(default_factory=Breaker)
    auditor: Auditor = field(default_factory=lambda: Auditor(0))
    pacer: Pacer = field(default_factory=Pacer)
    successor: Callable[[], ThresholdCascade | None] = _none
