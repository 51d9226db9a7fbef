"""docker-compose.yml: no Docker runs here, but a schema, a linter and what we promise can be checked."""

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
    """Compose reads it as we mean it, and no service has more rights than it needs."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", services())
def test_every_service_is_confined(name: str) -> None:
    """A service that goes wild takes neither the machine nor its own files with it, and none runs as root."""
    service = services()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"cpus", "memory"} <= service["deploy"]["resources"]["limits"].keys()
    ours = service["image"].startswith("tweet-cascade-")  # the Dockerfile names their user
    assert ours or int(service["user"].split(":")[0]) > 0


@pytest.mark.parametrize("name", services())
def test_every_image_is_pinned(name: str) -> None:
    """What runs today runs tomorrow."""
    assert re.search(r":v?\d+\.\d+\.\d+$", services()[name]["image"])


def test_the_kafka_is_the_one_that_is_tested() -> None:
    """The promises of docs/reliability.md are proven on the very version that compose starts."""
    assert services()["kafka"]["image"] == f"apache/kafka:{VERSION}"


@pytest.mark.parametrize("name", services())
def test_only_this_machine_is_let_in(name: str) -> None:
    """Nothing here asks for a password, so nothing here listens to the network."""
    assert all(port.startswith("127.0.0.1:") for port in services()[name].get("ports", []))


def test_workers_can_be_multiplied() -> None:
    """`--scale worker=3`: a fixed port or name would be taken by the first."""
    for name in ("worker", "worker-gpu"):
        service = services()[name]
        assert not service.keys() & {"ports", "container_name", "hostname"}
        assert service["networks"]["default"]["aliases"] == ["workers"], "Prometheus finds them by this name"


def test_the_start_has_an_order() -> None:
    """A worker would end where Kafka, a topic or the artefact is missing."""
    for name, service in services().items():
        for other, how in service.get("depends_on", {}).items():
            ready = "service_completed_successfully" if other in ONE_SHOT else "service_healthy"
            assert how == {"condition": ready}, name
            assert other in ONE_SHOT or "healthcheck" in services()[other]
    assert services()["worker"]["depends_on"].keys() == {"kafka", *ONE_SHOT}
    assert all("restart" not in services()[name] for name in ONE_SHOT)


def test_a_gpu_is_asked_for_only_on_demand() -> None:
    """Compose refuses to start a service whose device is not there."""
    gpu = services()["worker-gpu"]
    assert gpu["profiles"] == ["gpu"]
    assert gpu["deploy"]["resources"]["reservations"]["devices"] == [
        {"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}
    ]
    assert gpu["build"]["args"] == {"ACCELERATOR": "gpu"}
    others = [service for name, service in services().items() if name != "worker-gpu"]
    assert not any("reservations" in service["deploy"]["resources"] for service in others)
