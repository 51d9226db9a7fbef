"""What the worker is made of."""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge

from worker.types import Device

RELOADS = ("accepted", "unchanged", "rejected")


class VersionMetrics:
    """Versions, devices, and new artefacts.

    Args:
        registry: where they are registered.
        versions: become the labels of `cascade_build_info`, beside that of the cascade.
        devices: tells what TensorFlow computes on; asked whenever a cascade is adopted.

    """

    def __init__(
        self, registry: CollectorRegistry, versions: Mapping[str, str], devices: Callable[[], Iterable[Device]]
    ) -> None:
        self._versions, self._list_devices = versions, devices
        self._info = Gauge(
            "cascade_build_info", "Always 1; its labels tell the versions.", [*versions, "model_version"],
            registry=registry,
        )  # fmt: skip
        self._devices = Gauge(
            "cascade_device_info", "Always 1; a device that TensorFlow sees.", ["device", "model"], registry=registry
        )
        reloads = Counter(
            "cascade_artifact_reloads", "New artefacts, by what became of them.", ["result"], registry=registry
        )
        self._reloads = {result: reloads.labels(result) for result in RELOADS}

    def adopt(self, model_version: str) -> None:
        """Tell that this artefact labels from here on."""
        self._info.clear()
        self._info.labels(**self._versions, model_version=model_version).set(1)
        for device in self._list_devices():
            self._devices.labels(device.name, device.model).set(1)

    def reloaded(self, result: str) -> None:
        """Count a new artefact that was accepted, unchanged or rejected; safe from any thread."""
        self._reloads[result].inc()
