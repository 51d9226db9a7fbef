"""Manifests for Kubernetes, as kustomize builds them, against the schemas of Kubernetes, KEDA and Prometheus."""

import io
import shutil
import subprocess
from functools import cache
from typing import Any

import kubernetes_validate
import pytest
from cloudcoil.models.keda.v1alpha1 import ScaledObject
from cloudcoil.models.prometheus_operator.v1 import PodMonitor
from pydantic import BaseModel
from ruamel.yaml import YAML

from tests.deploy.compose import ROOT, last
from worker.settings import WorkerSettings

VERSIONS = ("1.31.0", "1.33.1")
OVERLAYS = ("base", "gpu", "trainer")
EXTENSIONS: dict[str, type[BaseModel]] = {"ScaledObject": ScaledObject, "PodMonitor": PodMonitor}


@cache
def built(overlay: str) -> dict[str, dict[str, Any]]:
    """Return the objects of an overlay by kind; skip the test if kubectl is not installed."""
    if not shutil.which("kubectl"):
        pytest.skip("needs kubectl, which includes kustomize")
    command = ["kubectl", "kustomize", str(ROOT / "deploy/kubernetes" / overlay)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {found["kind"]: found for found in YAML(typ="safe").load_all(io.StringIO(done.stdout))}


def container(overlay: str) -> dict[str, Any]:
    """Return the only container of an overlay."""
    found = built(overlay)
    (only,) = found.get("Deployment", found.get("Job", {}))["spec"]["template"]["spec"]["containers"]
    return dict(only)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_manifests_match_their_schemas(overlay: str) -> None:
    """Every object matches its schema and has no unknown field."""
    for kind, found in built(overlay).items():
        if kind in EXTENSIONS:
            model = EXTENSIONS[kind].model_validate(found)
            assert subset(found, model.model_dump(mode="json", by_alias=True, exclude_unset=True)), kind
        else:
            for version in VERSIONS:
                kubernetes_validate.validate(found, version, strict=True)


def subset(given: object, kept: object) -> bool:
    """Return whether a model kept every given field; it drops unknown ones."""
    if isinstance(given, dict) and isinstance(kept, dict):
        return all(key in kept and subset(value, kept[key]) for key, value in given.items())
    if isinstance(given, list) and isinstance(kept, list):
        return len(given) == len(kept) and all(map(subset, given, kept))
    return given == kept


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_pods_are_confined(overlay: str) -> None:
    """Pods meet the restricted security standard, have a read-only file system, and limits."""
    spec = (built(overlay).get("Deployment") or built(overlay)["Job"])["spec"]["template"]["spec"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False
    user = str(last("trainer" if overlay == "trainer" else "worker", "USER")).split(":")[0]
    assert str(spec["securityContext"]["runAsUser"]) == user
    assert container(overlay)["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert {"cpu", "memory"} <= container(overlay)["resources"]["limits"].keys()
    assert container(overlay)["image"].endswith(":0.1.0")


def test_the_settings_exist_and_match_the_manifests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every variable is a setting of the worker (it ignores a misspelt one), and ports, mounts and topics agree."""
    given = built("base")["ConfigMap"]["data"]
    assert {name.removeprefix("CASCADE_").lower() for name in given} <= WorkerSettings.model_fields.keys()
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings = WorkerSettings()
    ports = {port["name"]: port["containerPort"] for port in container("base")["ports"]}
    assert ports == {"http": settings.metrics_port}
    mounts = [mount["mountPath"] for mount in container("base")["volumeMounts"]]
    assert any(str(settings.artifact).startswith(f"{mount}/") for mount in mounts)
    trigger = built("base")["ScaledObject"]["spec"]["triggers"][0]["metadata"]
    assert (trigger["bootstrapServers"], trigger["consumerGroup"], trigger["topic"]) == (
        settings.bootstrap_servers, settings.group_id, settings.input_topic,
    )  # fmt: skip


def test_selectors_match_the_pods() -> None:
    """Disruption budget, monitor and scaler select the deployment's pods; the alerts select the monitor's job."""
    found = built("base")
    labels = found["Deployment"]["spec"]["template"]["metadata"]["labels"]
    for kind in ("Deployment", "PodDisruptionBudget", "PodMonitor"):
        wanted = found[kind]["spec"]["selector"]["matchLabels"]
        assert wanted
        assert wanted.items() <= labels.items()
    assert found["ScaledObject"]["spec"]["scaleTargetRef"]["name"] == found["Deployment"]["metadata"]["name"]
    assert labels[found["PodMonitor"]["spec"]["jobLabel"]] == "tweet-cascade", "the alerts' job"
    assert found["PodMonitor"]["spec"]["podMetricsEndpoints"][0]["port"] == container("base")["ports"][0]["name"]


def test_the_gpu_variant_requests_a_gpu() -> None:
    """The GPU variant has another image and one GPU per pod; the settings are the same."""
    assert container("gpu")["resources"]["limits"]["nvidia.com/gpu"] == 1
    assert container("gpu")["image"].split(":")[0].endswith("tweet-cascade-worker-gpu")
    assert container("gpu")["envFrom"] == container("base")["envFrom"]
    assert built("gpu").keys() == built("base").keys()
