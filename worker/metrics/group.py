"""Metrics of the consumer group: lag, partitions, rebalances."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge

from worker.types import Lag, Partition, SourceStatus

_LABELS = ("input_topic", "partition")


class GroupMetrics:
    """Lag, partitions and rebalances."""

    def __init__(self, registry: CollectorRegistry) -> None:
        lag = ("cascade_lag_records", "Records not polled yet.", _LABELS)
        held = ("cascade_held_back_records", "Records behind an open transaction.", _LABELS)
        self._lag, self._held = (_PartitionGauge(Gauge(*about, registry=registry)) for about in (lag, held))
        held_for = ("cascade_held_back_seconds", "For how long an open transaction has held back records; 0 if none.")
        self._held_for = Gauge(*held_for, registry=registry)
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

    def update(self, lag: Lag, generation: int) -> None:
        """Set lag and partitions; count a new generation, -1 being none."""
        self._lag.set({tp: records for tp, records in lag.items() if records is not None})
        self._partitions.set(len(lag))
        self._ready.set(bool(lag))
        if generation not in {-1, self._generation}:
            self._generation = generation
            self._rebalances.inc()

    def connected(self, status: SourceStatus) -> None:
        """Count the records that were lost since the last call; set what keeps records from being polled."""
        self._lost.inc(status.lost_records - self._lost_before)
        self._lost_before = status.lost_records
        self._silence.set(status.silent_s)
        self._held.set({tp: held.records for tp, held in status.held_back.items()})
        self._held_for.set(max((held.seconds for held in status.held_back.values()), default=0.0))


class _PartitionGauge:
    """A gauge with a series for each partition that has a value."""

    def __init__(self, gauge: Gauge) -> None:
        self._gauge = gauge
        self._known: dict[Partition, Gauge] = {}

    def set(self, values: Mapping[Partition, int]) -> None:
        """Set the values; remove the series of all other partitions."""
        for topic, partition in self._known.keys() - values.keys():
            self._gauge.remove(topic, str(partition))
            del self._known[topic, partition]
        for tp, value in values.items():
            if tp not in self._known:
                self._known[tp] = self._gauge.labels(tp[0], str(tp[1]))
            self._known[tp].set(value)
