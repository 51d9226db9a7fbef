"""What the README's second section starts: every service, healthy and confined, in small images."""

import logging
import subprocess
import time

import pytest

from tests.containers.stack import Stack, docker, wait_until
from tests.deploy.compose import services

pytestmark = [pytest.mark.containers, pytest.mark.timeout(900)]
log = logging.getLogger(__name__)

SERVERS = ("kafka", "prometheus", "grafana", "worker")
CEILINGS = {"tweet-cascade-worker": 0.75, "tweet-cascade-trainer": 2.45}
"""Gigabytes, Python's base image included: 0.12 of the official one, 0.23 of its stand-in."""


def test_up(stack: Stack) -> None:
    """`docker compose up --build --detach` builds the images, trains on the sample, and everything gets healthy."""
    start = time.monotonic()
    stack.compose("build", "--quiet", seconds=800)
    built = time.monotonic()
    stack.compose("up", "--build", "--detach", seconds=800)
    for name in SERVERS:
        stack.wait_healthy(name)
    log.info("built in %.0f s, up and trained in %.0f s", built - start, time.monotonic() - built)
    assert [state["ExitCode"] for name in ("topics", "trainer") for state in stack.states(name)] == [0, 0]


def test_three_workers(stack: Stack) -> None:
    """`--scale worker=3` starts two more, and Prometheus finds all of them."""
    stack.scale()
    wait_until(lambda: len(stack.series('up{job="tweet-cascade"} == 1')) == 3, 60, lambda: stack.series("up"))


@pytest.mark.parametrize("name", SERVERS)
def test_a_container_is_confined(stack: Stack, name: str) -> None:
    """No root, no capability, no way to gain one, a read-only file system, and the limits of the file."""
    [container, *_] = stack.containers(name)
    status = dict(
        line.split(":\t", 1)
        for line in docker("exec", container, "cat", "/proc/self/status").splitlines()
        if ":\t" in line
    )
    assert status["Uid"].split()[0] != "0"
    assert {status[which] for which in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert status["NoNewPrivs"] == "1"
    written = subprocess.run(
        ["docker", "exec", container, "touch", "/usr/x"], capture_output=True, text=True, check=False
    )
    assert "Read-only file system" in written.stderr
    limits, wanted = stack.inspect(container)["HostConfig"], services()[name]["deploy"]["resources"]["limits"]
    assert limits["Memory"] == bytes_of(wanted["memory"])
    assert 0 < limits["NanoCpus"] <= 2e9


def bytes_of(size: str) -> int:
    """Return a size of docker-compose.yml, as 512m or 2g."""
    return int(size[:-1]) * {"m": 2**20, "g": 2**30}[size[-1]]


@pytest.mark.parametrize("name", CEILINGS)
def test_an_image_is_small(name: str) -> None:
    """An image that grows by a forgotten package is noticed."""
    [tag] = {s["image"] for s in services().values() if s["image"].startswith(f"{name}:")}
    size = int(docker("image", "inspect", "--format", "{{.Size}}", tag)) / 1e9
    log.info("%s has %.2f GB", tag, size)
    assert size < CEILINGS[name]
