"""Manifests on a real API server: kube-apiserver and etcd of the folder $KUBEBUILDER_ASSETS, as envtest has them."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from deploy.kafka.ports import free_ports
from tests.deploy.compose import ROOT
from tests.deploy.test_kubernetes import EXTENSIONS, built

Kubectl = Callable[..., str]
_ASSETS = Path(os.environ.get("KUBEBUILDER_ASSETS", "/usr/local/kubebuilder/bin"))
_NAMESPACE = "tweet-cascade"
pytestmark = pytest.mark.skipif(
    not (_ASSETS / "kube-apiserver").exists(), reason="needs kube-apiserver and etcd in $KUBEBUILDER_ASSETS"
)


def servers(folder: Path, port: int, client: int, peer: int) -> list[list[str]]:
    """Return the commands of etcd and the API server."""
    (folder / "tokens").write_text("secret,admin,1,system:masters\n")
    key = str(folder / "key.pem")
    subprocess.run(["openssl", "genrsa", "-out", key], check=True, capture_output=True)  # noqa: S607 (on the PATH)
    etcd, there = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    return [
        [str(_ASSETS / "etcd"), f"--data-dir={folder}/etcd", f"--listen-client-urls={etcd}",
         f"--advertise-client-urls={etcd}", f"--listen-peer-urls={there}"],
        [str(_ASSETS / "kube-apiserver"), f"--etcd-servers={etcd}", f"--secure-port={port}", "--bind-address=127.0.0.1",
         f"--service-account-key-file={key}", f"--service-account-signing-key-file={key}",
         "--service-account-issuer=https://test", f"--token-auth-file={folder}/tokens", f"--cert-dir={folder}/certs",
         "--authorization-mode=RBAC", "--service-cluster-ip-range=10.9.0.0/24",
         "--disable-admission-plugins=ServiceAccount"],
    ]  # fmt: skip


@pytest.fixture(scope="module")
def kubectl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """Start an API server with a namespace of the restricted Pod Security Standard; return a client."""
    folder = tmp_path_factory.mktemp("kubernetes")
    port, client, peer = free_ports(3)
    to = ("--server", f"https://127.0.0.1:{port}", "--token", "secret", "--insecure-skip-tls-verify")

    def run(*arguments: str, given: str | None = None) -> str:
        command = ["kubectl", *to, "--namespace", _NAMESPACE, *arguments]
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    with ExitStack() as undo:
        for command in servers(folder, port, client, peer):
            log = undo.enter_context((folder / "log").open("ab"))
            process = undo.enter_context(subprocess.Popen(command, stdout=log, stderr=log))
            undo.callback(process.kill)
        _wait(lambda: run("get", "namespace", "default"), folder / "log")
        run("create", "namespace", _NAMESPACE)
        run("label", "namespace", _NAMESPACE, "pod-security.kubernetes.io/enforce=restricted")
        yield run


def _wait(ask: Callable[[], str], log: Path) -> None:
    deadline = time.monotonic() + 90
    while True:
        try:
            ask()
        except AssertionError:
            assert time.monotonic() < deadline, log.read_text()[-2000:]
            time.sleep(0.5)
        else:
            return


def test_one_apply_does_and_a_second_changes_nothing(kubectl: Kubectl) -> None:
    """The API server accepts all objects, in the order of the files, twice."""
    for overlay in ("plain", "trainer"):
        kubectl("apply", "--dry-run=server", "--kustomize", str(ROOT / "deploy/kubernetes" / overlay))
        for _ in range(2):
            kubectl("apply", "--kustomize", str(ROOT / "deploy/kubernetes" / overlay))


@pytest.mark.parametrize("overlay", ["base", "gpu"])
def test_overlays_with_extensions_are_accepted(kubectl: Kubectl, overlay: str) -> None:
    """The API server accepts what these overlays have beside the resources of KEDA and the Prometheus operator."""
    found = [each for kind, each in built(overlay).items() if kind not in EXTENSIONS]
    given = json.dumps({"apiVersion": "v1", "kind": "List", "items": found})
    printed = kubectl("apply", "--dry-run=server", "--filename", "-", given=given)
    assert len(printed.splitlines()) == len(found) > 4


def test_jobs_can_be_created_again_and_again(kubectl: Kubectl) -> None:
    """Each `kubectl create job --from` is another training."""
    for number in (1, 2):
        kubectl("create", "job", "--from=cronjob/tweet-cascade-trainer", f"tweet-cascade-trainer-{number}")


def test_pods_are_admitted_under_the_restricted_standard(kubectl: Kubectl) -> None:
    """Admission enforces the standard for pods, and these pass."""

    def admitted(template: dict[str, Any]) -> str:
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pod"}, "spec": template["spec"]}
        return kubectl("create", "--dry-run=server", "--filename", "-", given=json.dumps(pod))

    deployment = json.loads(kubectl("get", "deployment", "tweet-cascade", "--output=json"))
    trainer = json.loads(kubectl("get", "cronjob", "tweet-cascade-trainer", "--output=json"))
    for template in (deployment["spec"]["template"], trainer["spec"]["jobTemplate"]["spec"]["template"]):
        assert "created" in admitted(template)
    rooted = {**deployment["spec"]["template"]["spec"], "securityContext": {"runAsUser": 0}}
    with pytest.raises(AssertionError, match="violates PodSecurity"):
        admitted({"spec": rooted})
