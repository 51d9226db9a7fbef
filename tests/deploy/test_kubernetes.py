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

from tests.deploy.compose import ROOT, last, project_version
from worker.settings import WorkerSettings

VERSIONS = ("1.31.0", "1.33.1")
OVERLAYS = ("base", "gpu", "plain", "trainer")
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


def pod(overlay: str) -> dict[str, Any]:
    """Return the specification of an overlay's pods."""
    found = built(overlay)
    owner = found.get("Deployment") or found["CronJob"]["spec"]["jobTemplate"]
    return dict(owner["spec"]["template"]["spec"])


def container(overlay: str) -> dict[str, Any]:
    """Return the only container of an overlay that is not for its start."""
    (only,) = pod(overlay)["containers"]
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
    spec = pod(overlay)
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False
    user = str(last("trainer" if overlay == "trainer" else "worker", "USER")).split(":")[0]
    assert str(spec["securityContext"]["runAsUser"]) == user
    for each in (*spec.get("initContainers", ()), container(overlay)):
        assert each["securityContext"] == {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
        }  # fmt: skip
        assert {"cpu", "memory"} <= each["resources"]["limits"].keys()
        assert each["image"].endswith(f":{project_version()}")


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


def test_a_pod_starts_where_nothing_is_prepared() -> None:
    """The pods create the topics and wait for the artifact, so that the order of `kubectl apply` does not matter."""
    topics, artifact = pod("base")["initContainers"]
    assert topics["args"][0] == "topics"
    assert topics["envFrom"] == container("base")["envFrom"]
    partitions = int(topics["args"][topics["args"].index("--partitions") + 1])
    assert partitions == built("base")["ScaledObject"]["spec"]["maxReplicaCount"]
    assert "$CASCADE_ARTIFACT/manifest.json" in artifact["command"][-1]


def test_probes_have_time() -> None:
    """A worker that loads its artifact under a CPU limit responds within seconds, not within the default of one."""
    probes = [found for name, found in container("base").items() if name.endswith("Probe")]
    assert len(probes) == 3
    assert all(probe["timeoutSeconds"] >= 5 for probe in probes)


def test_training_can_be_repeated() -> None:
    """A suspended CronJob is a template for Jobs: `apply` runs nothing, each `kubectl create job --from` trains."""
    found = built("trainer")
    assert found["CronJob"]["spec"]["suspend"] is True
    volumes = {v["name"]: v.get("persistentVolumeClaim", {}).get("claimName") for v in pod("trainer")["volumes"]}
    assert volumes["data"] == found["PersistentVolumeClaim"]["metadata"]["name"], "a ConfigMap is too small for data"
    assert volumes["models"] == built("base")["PersistentVolumeClaim"]["metadata"]["name"]


def test_the_plain_variant_needs_no_extension() -> None:
    """Without KEDA and the Prometheus operator an autoscaler of Kubernetes itself scales the same deployment."""
    found = built("plain")
    assert not found.keys() & EXTENSIONS.keys()
    scaler, keda = found["HorizontalPodAutoscaler"]["spec"], built("base")["ScaledObject"]["spec"]
    assert scaler["scaleTargetRef"]["name"] == found["Deployment"]["metadata"]["name"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (keda["minReplicaCount"], keda["maxReplicaCount"])
    assert scaler["behavior"] == keda["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
    assert pod("plain") == pod("base")


def test_the_network_policy_lets_through_what_a_worker_needs() -> None:
    """Metrics and probes come in; DNS, the brokers and a Schema Registry are reached."""
    policy = built("base")["NetworkPolicy"]["spec"]
    assert policy["ingress"] == [{"ports": [{"port": "http", "protocol": "TCP"}]}]
    allowed = [(p["port"], p.get("endPort", p["port"])) for rule in policy["egress"] for p in rule["ports"]]
    broker = int(built("base")["ConfigMap"]["data"]["CASCADE_BOOTSTRAP_SERVERS"].rpartition(":")[2])
    for port in (53, broker, 8081):
        assert any(first <= port <= last_ for first, last_ in allowed), port
