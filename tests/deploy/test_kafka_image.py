"""Service `kafka`: the image's setup command and server, from the same jars, with the environment of compose."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.demo.broker import free_port
from deploy.kafka import jars
from deploy.kafka.config import log4j2_yaml
from tests.deploy.compose import services
from worker.kafka import create_topics, live_brokers
from worker.settings import KafkaSettings

pytestmark = pytest.mark.kafka
_START_SECONDS = 60


def environment(folder: Path, ports: Mapping[str, int]) -> dict[str, str]:
    """Return the service's environment, with free ports of loopback and a folder instead of the volume."""
    replacements = {
        "${KAFKA_PORT:-9092}": "9092",
        ":9092": f":{ports['host']}", ":19092": f":{ports['internal']}", ":9093": f":{ports['controller']}",
        "0.0.0.0": "127.0.0.1",  # noqa: S104 (the value in the file)
        "//kafka": "//127.0.0.1", "/var/lib/kafka/data": str(folder / "data"),
    }  # fmt: skip
    given = dict(services()["kafka"]["environment"])
    for there, here in replacements.items():
        given = {name: value.replace(there, here) for name, value in given.items()}
    return {"PATH": os.environ["PATH"], **given}


@contextmanager
def kafka(folder: Path, env: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run the steps of the image's /etc/kafka/docker/run: configure and format with its wrapper, start the server."""
    for name in ("default", "mounted", "final"):
        (folder / name).mkdir()
    (folder / "default/log4j2.yaml").write_text(log4j2_yaml(folder / "server.log"))
    java = ["java", "-Xmx1g", f"-Dlog4j2.configurationFile={folder}/default/log4j2.yaml", "-cp", f"{jars.fetch()}/*"]
    folders = [f"--{name}-configs-dir={folder}/{name}" for name in ("default", "mounted", "final")]
    setup = [*java, "kafka.docker.KafkaDockerWrapper", "setup", *folders]
    done = subprocess.run(setup, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with (folder / "output.log").open("wb") as log:
        server = subprocess.Popen([*java, "kafka.Kafka", f"{folder}/final/server.properties"], env=env,
                                  stdout=log, stderr=log)  # fmt: skip
    try:
        yield server
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture
def ports() -> dict[str, int]:
    """Return free ports for the three listeners."""
    return {name: free_port() for name in ("host", "internal", "controller")}


def test_kafka_starts_with_composes_environment(tmp_path: Path, ports: dict[str, int]) -> None:
    """Both listeners advertise themselves, topics can be created, and none is created automatically."""
    with kafka(tmp_path, environment(tmp_path, ports)) as server:
        addresses = [f"127.0.0.1:{ports[name]}" for name in ("host", "internal")]
        deadline = time.monotonic() + _START_SECONDS
        while live_brokers(addresses[0]) < 1:
            assert server.poll() is None, (tmp_path / "output.log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.2)
        for address, created in zip(addresses, ({"tweets"}, set()), strict=True):
            assert set(create_topics(KafkaSettings(bootstrap_servers=address), ["tweets"], 12, 1)) == created
        assert (tmp_path / "data/logs/meta.properties").is_file(), "the data is on the volume"
