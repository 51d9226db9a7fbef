"""Dashboards and alerts on real workers under load, scraped by a real Prometheus."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.grafana.__main__ import build_parser
from tests.deploy.dashboards import filled, operands, panels, rules, variables
from tests.deploy.prometheus import Prometheus
from tests.helpers import tweet
from tests.integration.topics import produce
from tests.integration.waiting import wait_until
from tests.integration.worker_process import WorkerProcess
from worker.cli import app
from worker.settings import KafkaSettings

pytestmark = pytest.mark.broker
_TEXTS = ("flood in the valley", "my heart is on fire", "lol", "earthquake, many dead", "siren", "new album out now")


@contextmanager
def load(settings: KafkaSettings) -> Iterator[None]:
    """Publish tweets, with one bad record in 41, for the length of a `with`."""
    stop = threading.Event()

    def run() -> None:
        n = 0
        while not stop.is_set():
            batch: list[tuple[bytes | None, bytes]] = [(None, tweet(n + i, _TEXTS[i % 6])) for i in range(40)]
            produce(settings, [*batch, (None, b"{")])
            n += 40
            stop.wait(0.2)

    thread = threading.Thread(target=run, name="load")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def expressions() -> Mapping[str, str]:
    """Return every expression that must have data, by its place."""
    found = {f"variable: {series}": series for series in variables()}
    for panel in panels():
        found |= {f"panel {panel['title']}, {t['refId']}": filled(t["expr"]) for t in panel["targets"]}
    found |= {f"record {name}": name for name in rules("record")}
    for name, rule in rules("alert").items():
        found |= {f"alert {name}: {part}": part for part in operands(rule["expr"])}
    return found


def test_dashboards_and_alerts_on_a_real_worker(
    start: Callable[..., WorkerProcess], topics: KafkaSettings, sample_artifact: Path, tmp_path: Path
) -> None:
    """Every expression of dashboards and alerts has data, no alert fires under load, and a dead worker is noticed."""
    workers = [start("--audit-share", "0.5", artifact=sample_artifact) for _ in range(2)]
    for worker in workers:
        worker.wait_ready()
    prometheus = Prometheus(tmp_path, [worker.port for worker in workers])
    with prometheus.running(), load(topics):
        asked = expressions()
        assert len(asked) > 60
        wait_until(lambda: not empty(prometheus, asked), lambda: f"without data: {empty(prometheus, asked)}")
        assert not prometheus.firing() & set(rules("alert")) - {"CascadeDeadLetters"}, "two in a hundred are bad here"
        wait_until(lambda: "CascadeDeadLetters" in prometheus.firing(), "an alert that is true fires")
        for page in ("overview", "model"):
            picture = tmp_path / f"{page}.png"
            command = ["--draw", page, "--url", prometheus.url, "--minutes", "1", "--out", str(picture)]
            assert app.main(build_parser(), command) == 0
            assert picture.read_bytes().startswith(b"\x89PNG")
        for worker in workers:
            worker.process.kill()
            worker.wait()
        wait_until(lambda: "CascadeNoWorker" in prometheus.firing(), "a dead worker is noticed")


def empty(prometheus: Prometheus, asked: Mapping[str, str]) -> list[str]:
    """Return the places of the expressions that have no data yet."""
    return [where for where, expression in asked.items() if not prometheus.values(expression)]
