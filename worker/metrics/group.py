"""The worker as a member of its consumer group."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from worker.types import Lag


class GroupMetrics:
    """Lag, partitions and rebalances."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._lag = Gauge(
            "cascade_lag_records", "Records still to be polled.", ["topic", "partition"], registry=registry
        )
        self._partitions = Gauge("cascade_assigned_partitions", "Partitions assigned.", registry=registry)
        self._ready = Gauge("cascade_ready", "1 while partitions are assigned, else 0.", registry=registry)
        self._rebalances = Counter(
            "cascade_rebalances", "Generations of its group that the worker was in; joining is one.", registry=registry
        )
        self._generation = -1
        self._known: dict[tuple[str, int], Gauge] = {}

    def now(self, lag: Lag, generation: int) -> None:
        """Tell where the worker stands; a generation of -1 is none."""
        self._set_lag(lag)
        self._partitions.set(len(lag))
        self._ready.set(bool(lag))
        if generation not in {-1, self._generation}:
            self._generation = generation
            self._rebalances.inc()

    def _set_lag(self, lag: Lag) -> None:
        """Set the lag of the partitions assigned now, where it is known; forget that of all others."""
        known = {tp: records for tp, records in lag.items() if records is not None}
        for topic, partition in self._known.keys() - known.keys():
            self._lag.remove(topic, str(partition))
            del self._known[topic, partition]
        for tp, records in known.items():
            if tp not in self._known:
                self._known[tp] = self._lag.labels(tp[0], str(tp[1]))
            self._known[tp].set(records)
