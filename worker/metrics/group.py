"""Metrics of the consumer group: lag, partitions, rebalances."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from worker.types import Lag, SourceStatus


class GroupMetrics:
    """Lag, partitions and rebalances."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._lag = Gauge("cascade_lag_records", "Records not polled yet.", ["topic", "partition"], registry=registry)
        self._partitions = Gauge("cascade_assigned_partitions", "Assigned partitions.", registry=registry)
        self._ready = Gauge("cascade_ready", "1 while partitions are assigned, else 0.", registry=registry)
        self._rebalances = Counter(
            "cascade_rebalances", "Generations of the group that the worker was in; joining counts as one.",
            registry=registry,
        )  # fmt: skip
        lost = ("cascade_lost_records", "Input records that the broker deleted before the worker read them.")
        self._lost, self._lost_before = Counter(*lost, registry=registry), 0
        silence = ("cascade_broker_silence_seconds", "For how long no broker has answered; 0 while one does.")
        self._silence = Gauge(*silence, registry=registry)
        self._generation = -1
        self._known: dict[tuple[str, int], Gauge] = {}

    def update(self, lag: Lag, generation: int) -> None:
        """Set lag and partitions; count a new generation, -1 being none."""
        self._set_lag(lag)
        self._partitions.set(len(lag))
        self._ready.set(bool(lag))
        if generation not in {-1, self._generation}:
            self._generation = generation
            self._rebalances.inc()

    def connected(self, status: SourceStatus) -> None:
        """Count the records that were lost since the last call; set for how long no broker has answered."""
        self._lost.inc(status.lost_records - self._lost_before)
        self._lost_before = status.lost_records
        self._silence.set(status.silent_s)

    def _set_lag(self, lag: Lag) -> None:
        """Set the known lag of the assigned partitions; remove the series of all others."""
        known = {tp: records for tp, records in lag.items() if records is not None}
        for topic, partition in self._known.keys() - known.keys():
            self._lag.remove(topic, str(partition))
            del self._known[topic, partition]
        for tp, records in known.items():
            if tp not in self._known:
                self._known[tp] = self._lag.labels(tp[0], str(tp[1]))
            self._known[tp].set(records)
