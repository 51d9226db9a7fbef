"""Dashboards, recording rules and alerts."""

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
    """The JSON files are those that the code writes; `make dashboards` updates them."""
    assert {p: p.read_text(encoding="utf-8") for p in FOLDER.iterdir()} == documents()
    assert path in documents()


@pytest.mark.parametrize("panel", panels(), ids=lambda panel: panel["title"])
def test_every_panel_explains_itself(panel: dict[str, dict[str, dict[str, dict[str, object]]]]) -> None:
    """Every panel has a description, a unit, thresholds and a query."""
    defaults = panel["fieldConfig"]["defaults"]
    assert len(str(panel["description"])) > 10
    assert defaults["unit"]
    assert defaults["thresholds"]["steps"]
    assert panel["targets"]


@pytest.mark.parametrize(("what", "path"), [
    ("config", "prometheus.yml"), ("rules", "rules/recording.yml"), ("rules", "rules/alerts.yml"),
])  # fmt: skip
def test_prometheus_accepts_it(what: str, path: str) -> None:
    """Promtool accepts the configuration and the rules that compose mounts."""
    done = subprocess.run(
        [promtool(), "check", what, ROOT / "deploy/prometheus" / path], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_alerts_fire_when_they_should() -> None:
    """The alerts pass promtool's unit tests on synthetic series."""
    done = subprocess.run([promtool(), "test", "rules", CASES], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", rules("alert"))
def test_an_alert_is_tested_both_ways_and_has_a_runbook_section(name: str) -> None:
    """Every alert has a test where it fires, one where it is silent, one without series, and a runbook section."""
    tests = read_yaml(CASES)["tests"]
    cases = [(bool(t["input_series"]), bool(case["exp_alerts"])) for t in tests for case in t["alert_rule_test"]
             if case["alertname"] == name]  # fmt: skip
    assert {(True, True), (True, False)} <= set(cases)
    assert any(not series for series, _ in cases)
    assert rules("alert")[name]["annotations"]["runbook"] == f"docs/runbook.md#{name.lower()}"


def test_the_runbook_has_a_section_for_each_alert() -> None:
    """The runbook has a section for every alert and no other."""
    assert set(re.findall(r"^## (\w+)$", RUNBOOK.read_text(), re.MULTILINE)) == set(rules("alert"))


def test_grafana_finds_what_compose_mounts() -> None:
    """The provisioned folder and addresses are those of docker-compose.yml."""
    provisioning = ROOT / "deploy/grafana/provisioning"
    mounts = {v["target"]: v["source"] for v in services()["grafana"]["volumes"]}
    provider = read_yaml(provisioning / "dashboards/dashboards.yml")["providers"][0]
    assert (ROOT / mounts[provider["options"]["path"]]).resolve() == FOLDER
    assert read_yaml(provisioning / "datasources/prometheus.yml")["datasources"][0]["url"] == "http://prometheus:9090"
    assert read_yaml(ROOT / "deploy/prometheus/prometheus.yml")["scrape_configs"][0]["dns_sd_configs"][0]["names"] == [
        services()["worker"]["networks"]["default"]["aliases"][0]
    ]


def test_a_missing_prometheus_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    """If Prometheus does not answer, the command exits with 2 and names the address."""
    address = f"http://127.0.0.1:{free_port()}"
    assert app.main(build_parser(), ["--draw", "overview", "--url", address]) == 2
    assert f"Prometheus does not answer at {address}" in " ".join(capsys.readouterr().err.split())
