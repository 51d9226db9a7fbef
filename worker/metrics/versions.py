"""Metrics of versions, engines, devices and artifact reloads."""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge

from worker.cascade.cascade import ThresholdCascade
from worker.types import Device

RELOADS = ("accepted", "unchanged", "rejected")


class VersionMetrics:
    """Versions, engines, devices, and artifact reloads.

    Args:
        registry: where they are registered.
        versions: become the labels of `cascade_build_info`, beside that of the cascade.
        devices: returns those that the models compute on; called whenever a cascade is adopted.

    """

    def __init__(
        self, registry: CollectorRegistry, versions: Mapping[str, str], devices: Callable[[], Iterable[Device]]
    ) -> None:
        self._versions, self._list_devices = versions, devices
        self._info = Gauge(
            "cascade_build_info", "Always 1; the labels give the versions.", [*versions, "model_version"],
            registry=registry,
        )  # fmt: skip
        self._devices = Gauge(
            "cascade_device_info",
            "Always 1; a device that the models compute on.",
            ["device", "model"],
            registry=registry,
        )
        self._engines = Gauge(
            "cascade_stage_engine_info", "Always 1; the engine and the type that compute a stage's encoder.",
            ["stage", "engine", "type"], registry=registry,
        )  # fmt: skip
        reloads = Counter("cascade_artifact_reloads", "Reload attempts, by result.", ["result"], registry=registry)
        self._reloads = {result: reloads.labels(result) for result in RELOADS}

    def adopt(self, cascade: ThresholdCascade) -> None:
        """Show that this artifact labels from now on."""
        self._info.clear()
        self._info.labels(**self._versions, model_version=cascade.version).set(1)
        self._engines.clear()
        for stage in cascade.stages:
            if stage.arithmetic:
                self._engines.labels(stage.name, *stage.arithmetic).set(1)
        for device in self._list_devices():
            self._devices.labels(device.name, device.model).set(1)

    def reloaded(self, result: str) -> None:
        """Count a reload attempt that was accepted, unchanged or rejected; safe to call from any thread."""
        self._reloads[result].inc()
