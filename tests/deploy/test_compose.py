"""docker-compose.yml: schema, linter, confinement, pinned images, and the order of the start."""

import re
import subprocess
import sys

import pytest

from deploy.kafka.jars import VERSION
from tests.deploy.compose import COMPOSE, services

ONE_SHOT = {"topics", "trainer"}


@pytest.mark.parametrize("command", [
    [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)],
    [sys.executable, "-m", "compose_lint", "--fail-on", "high", str(COMPOSE)],
], ids=["schema", "linter"])  # fmt: skip
def test_it_is_valid_and_hardened(command: list[str]) -> None:
    """The file is valid and has no finding of high severity."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", services())
def test_every_service_is_confined(name: str) -> None:
    """Every service has limits, a read-only file system, no capabilities, and a user other than root."""
    service = services()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"cpus", "memory"} <= service["deploy"]["resources"]["limits"].keys()
    ours = service["image"].startswith("tweet-cascade-")  # their user is in the Dockerfile
    assert ours or int(service["user"].split(":")[0]) > 0


@pytest.mark.parametrize("name", services())
def test_every_image_is_pinned(name: str) -> None:
    """Every image has an exact version."""
    assert re.search(r":v?\d+\.\d+\.\d+$", services()[name]["image"])


@pytest.mark.parametrize("name", services())
def test_limits_fit_a_small_machine(name: str) -> None:
    """No service asks for more CPUs than two by default: Docker refuses a limit above the machine's own number."""
    cpus = str(services()[name]["deploy"]["resources"]["limits"]["cpus"])
    assert float(cpus.removeprefix("${CPUS:-").removesuffix("}")) <= 2


@pytest.mark.parametrize("name", services())
def test_own_images_are_never_pulled(name: str) -> None:
    """An image of ours is built by one service, and others that use it do not ask a registry for it."""
    service = services()[name]
    if service["image"].startswith("tweet-cascade-"):
        builders = [s for s in services().values() if s["image"] == service["image"] and "build" in s]
        assert len(builders) == 1
        assert "build" in service or service["pull_policy"] == "never"


def test_kafka_can_load_its_native_libraries() -> None:
    """Kafka unpacks the libraries of snappy and zstd into /tmp; what Docker mounts there is noexec by default."""
    [tmp] = [mount for mount in services()["kafka"]["tmpfs"] if mount.split(":")[0] == "/tmp"]  # noqa: S108
    assert "exec" in tmp.split(":")[1].split(",")


def test_kafka_leaves_no_nameless_volume() -> None:
    """Every volume that the image of Kafka declares is mounted: `down` does not remove nameless volumes."""
    kafka = services()["kafka"]
    mounted = {m.split(":")[0] for m in kafka["tmpfs"]} | {v["target"] for v in kafka["volumes"]}
    assert mounted >= {"/etc/kafka/secrets", "/var/lib/kafka/data", "/mnt/shared/config"}


def test_no_health_check_starts_a_jvm() -> None:
    """Kafka's own tools take seconds of CPU each time, and time out under load while Kafka serves."""
    assert not any("kafka-" in word for word in services()["kafka"]["healthcheck"]["test"])


def test_kafka_has_the_tested_version() -> None:
    """Compose starts the version of Kafka that the tests run on."""
    assert services()["kafka"]["image"] == f"apache/kafka:{VERSION}"


@pytest.mark.parametrize("name", services())
def test_ports_are_open_to_this_machine_only(name: str) -> None:
    """Ports are published on 127.0.0.1 only, because no service has a password."""
    assert all(port.startswith("127.0.0.1:") for port in services()[name].get("ports", []))


def test_workers_can_be_multiplied() -> None:
    """`--scale worker=3` works: workers have neither a published port nor a fixed name."""
    for name in ("worker", "worker-gpu"):
        service = services()[name]
        assert not service.keys() & {"ports", "container_name", "hostname"}
        assert service["networks"]["default"]["aliases"] == ["workers"], "Prometheus finds them by this name"


def test_the_start_has_an_order() -> None:
    """A worker starts after Kafka is healthy and the topics and the artifact exist."""
    for name, service in services().items():
        for other, how in service.get("depends_on", {}).items():
            ready = "service_completed_successfully" if other in ONE_SHOT else "service_healthy"
            assert how["condition"] == ready, name
            assert other in ONE_SHOT or "healthcheck" in services()[other]
    assert services()["worker"]["depends_on"].keys() == {"kafka", *ONE_SHOT}
    assert all("restart" not in services()[name] for name in ONE_SHOT)


def test_only_the_gpu_profile_requires_a_gpu() -> None:
    """Only worker-gpu reserves a GPU, because Compose does not start a service whose device is missing."""
    gpu = services()["worker-gpu"]
    assert gpu["profiles"] == ["gpu"]
    assert gpu["deploy"]["resources"]["reservations"]["devices"] == [
        {"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}
    ]
    assert gpu["build"]["args"] == {"ACCELERATOR": "gpu"}
    others = [service for name, service in services().items() if name != "worker-gpu"]
    assert not any("reservations" in service["deploy"]["resources"] for service in others)
