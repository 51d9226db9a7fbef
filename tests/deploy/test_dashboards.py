"""The dashboards and rules as they stand in the repository."""

import re
import subprocess

import pytest

from deploy.demo.broker import free_port
from deploy.grafana.__main__ import build_parser
from deploy.grafana.pages import FOLDER, documents
from tests.deploy.compose import ROOT, read_yaml, services
from tests.deploy.dashboards import panels, rules
from tests.deploy.prometheus import promtool
from worker.cli import app

RUNBOOK = ROOT / "docs/runbook.md"
CASES = ROOT / "tests/deploy/rules/alerts.test.yml"


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_the_dashboards_are_current(path: object) -> None:
    """Grafana shows what the code says; `make dashboards` writes it anew."""
    assert {p: p.read_text(encoding="utf-8") for p in FOLDER.iterdir()} == documents()
    assert path in documents()


@pytest.mark.parametrize("panel", panels(), ids=lambda panel: panel["title"])
def test_every_panel_explains_itself(panel: dict[str, dict[str, dict[str, dict[str, object]]]]) -> None:
    """At three in the morning nobody knows what a line means, in which unit, or whether it is bad."""
    defaults = panel["fieldConfig"]["defaults"]
    assert len(str(panel["description"])) > 10
    assert defaults["unit"]
    assert defaults["thresholds"]["steps"]
    assert panel["targets"]


@pytest.mark.parametrize(("what", "path"), [
    ("config", "prometheus.yml"), ("rules", "rules/recording.yml"), ("rules", "rules/alerts.yml"),
])  # fmt: skip
def test_prometheus_reads_it(what: str, path: str) -> None:
    """What compose mounts is what Prometheus starts with."""
    done = subprocess.run(
        [promtool(), "check", what, ROOT / "deploy/prometheus" / path], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_alerts_fire_when_they_should() -> None:
    """Prometheus' own tests of rules, on made-up series."""
    done = subprocess.run([promtool(), "test", "rules", CASES], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", rules("alert"))
def test_an_alert_is_tested_both_ways_and_has_its_page(name: str) -> None:
    """It fires, it is silent, it says nothing of series that are not there, and somebody is told what to do."""
    tests = read_yaml(CASES)["tests"]
    cases = [(bool(t["input_series"]), bool(case["exp_alerts"])) for t in tests for case in t["alert_rule_test"]
             if case["alertname"] == name]  # fmt: skip
    assert {(True, True), (True, False)} <= set(cases)
    assert any(not series for series, _ in cases)
    assert rules("alert")[name]["annotations"]["runbook"] == f"docs/runbook.md#{name.lower()}"


def test_the_runbook_has_no_page_too_many() -> None:
    """An alert that is gone leaves no instructions behind."""
    assert set(re.findall(r"^## (\w+)$", RUNBOOK.read_text(), re.MULTILINE)) == set(rules("alert"))


def test_grafana_finds_what_compose_mounts() -> None:
    """Source and pages are where the provisioning says, and the data source is Prometheus as compose calls it."""
    provisioning = ROOT / "deploy/grafana/provisioning"
    mounts = {v["target"]: v["source"] for v in services()["grafana"]["volumes"]}
    provider = read_yaml(provisioning / "dashboards/dashboards.yml")["providers"][0]
    assert (ROOT / mounts[provider["options"]["path"]]).resolve() == FOLDER
    assert read_yaml(provisioning / "datasources/prometheus.yml")["datasources"][0]["url"] == "http://prometheus:9090"
    assert read_yaml(ROOT / "deploy/prometheus/prometheus.yml")["scrape_configs"][0]["dns_sd_configs"][0]["names"] == [
        services()["worker"]["networks"]["default"]["aliases"][0]
    ]


def test_a_picture_of_nothing_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Where no Prometheus answers, the user reads where it was looked for."""
    address = f"http://127.0.0.1:{free_port()}"
    assert app.main(build_parser(), ["--draw", "overview", "--url", address]) == 2
    assert f"Prometheus does not answer at {address}" in " ".join(capsys.readouterr().err.split())
