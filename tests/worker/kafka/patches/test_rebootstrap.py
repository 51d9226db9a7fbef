"""A broker that comes back under another address, embedded."""

import time

import pytest
from kafka.net import KafkaConnectionManager, NetworkSelector

from deploy.demo.broker import EmbeddedBroker, _binary, free_port
from worker.kafka.patches import client
from worker.kafka.patches.client import FailFastConnectionManager


def finds_moved_broker(kind: type[KafkaConnectionManager], seconds: float) -> bool:
    """Return whether a client finds a broker that comes back at the second of its bootstrap servers."""
    moved = EmbeddedBroker()
    net = NetworkSelector()
    net.start()
    try:
        with EmbeddedBroker() as first:
            port = free_port()
            servers = [first.bootstrap_servers, f"127.0.0.1:{port}"]
            manager = kind(net, bootstrap_servers=servers, reconnect_backoff_max_ms=200)
            manager.bootstrap(20_000)
        moved._start(_binary(), port)
        deadline = time.monotonic() + seconds
        while not (found := port in {b.port for b in manager.cluster.brokers()}) and time.monotonic() < deadline:
            manager.cluster.request_update()
            time.sleep(0.1)
        manager.close()
        return found
    finally:
        moved.stop()
        net.stop()


def test_kafka_python_does_not_ask_the_bootstrap_servers_again() -> None:
    """Once kafka-python finds the broker, `FailFastConnectionManager` need not ask again."""
    assert not finds_moved_broker(KafkaConnectionManager, 3)


def test_a_broker_that_comes_back_elsewhere_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A load balancer, a Kubernetes service or a restored cluster may move the brokers that a worker knows."""
    monkeypatch.setattr(client, "_SILENCE_S", 0.5)
    assert finds_moved_broker(FailFastConnectionManager, 30)
