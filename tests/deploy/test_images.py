"""The Dockerfile: linter, users, copied files, pinned packages, and the installed package."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from deploy.docker.locks import CUDA, LOCKS, PYTHON
from tests.deploy.compose import DOCKERFILE, ROOT, copied, last, project_version, requirements, services, stages

TARGETS = ("worker", "trainer")
REQUIREMENTS = ROOT / "deploy/docker/requirements"


def test_the_linter_finds_nothing() -> None:
    """Hadolint finds nothing that makes images large, slow to build, or unsafe."""
    tool = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([tool, DOCKERFILE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("target", TARGETS)
def test_an_image_runs_as_a_numeric_user(target: str) -> None:
    """The user is a number other than 0, as Kubernetes' runAsNonRoot requires."""
    assert int(str(last(target, "USER")).split(":")[0]) > 0


def test_the_worker_has_no_training_code() -> None:
    """The worker's image has neither the code of training nor its packages."""
    assert "training" in copied("trainer"), "copied() finds it"
    assert not any("train" in source for source in copied("worker"))


def test_the_worker_has_neither_demo_nor_broker() -> None:
    """The worker's image has neither the code of the demo nor the embedded broker's package."""
    assert not any(source.startswith("deploy") and "requirements" not in source for source in copied("worker"))
    assert not any("calfkit" in path.read_text() for path in LOCKS if path.name.startswith("worker"))


def test_dockerignore_admits_what_is_copied() -> None:
    """.dockerignore admits the files that the Dockerfile copies, and neither data, models, history nor tests."""
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for source in {*copied("worker"), *copied("trainer")}:
        assert any(source == path or source.startswith(f"{path}/") for path in allowed), source
    assert not any(path.startswith(("data", "models", ".git", "tests")) for path in allowed)


def test_the_package_in_the_worker_is_complete(tmp_path: Path) -> None:
    """Pip installs schemas, worker and the version from the files that the Dockerfile copies, and not training."""
    build = tmp_path / "build"
    for source in copied("worker"):
        target = build / source
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / source).is_dir() else shutil.copy)(ROOT / source, target)
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*install, "--target", str(tmp_path / "app"), str(build)], check=True, capture_output=True)
    found = {path.name for path in (tmp_path / "app").iterdir()}
    assert found >= {"schemas", "worker", f"tweet_cascade-{project_version()}.dist-info"}
    assert not found & {"training", "tests", "deploy"}
    assert (tmp_path / "app/schemas/json/tweet.schema.json").is_file()


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("accelerator", ["cpu", "gpu"])
def test_both_variants_have_their_packages(target: str, accelerator: str) -> None:
    """Both values of the build argument select a file of requirements that exists."""
    assert requirements(target)[-1] == f"{target}-${{ACCELERATOR}}.txt"
    for name in requirements(target):
        assert (REQUIREMENTS / name.replace("${ACCELERATOR}", accelerator)).is_file()


@pytest.mark.parametrize("accelerator", ["cpu", "gpu"])
def test_the_trainer_has_the_workers_packages(accelerator: str) -> None:
    """The trainer's packages are the worker's, in the same versions, and more: its stage builds on the worker's."""
    worker, trainer = (pins(REQUIREMENTS / f"{target}-{accelerator}.txt") for target in TARGETS)
    assert worker.items() < trainer.items()


def pins(path: Path) -> dict[str, str]:
    """Return the version of each package in a file of requirements."""
    return dict(re.findall(r"^([a-z0-9][a-z0-9.-]*)==(\S+)", path.read_text(), re.MULTILINE))


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_the_locks_have_the_projects_dependencies(path: Path) -> None:
    """Every dependency in pyproject.toml is pinned for the images; `make locks` updates them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned, lock = pins(path), LOCKS[path]
    required = [*map(Requirement, project["dependencies"]), *extras(project, lock.extras)]
    if lock.cuda:
        required = [*(r for r in required if r.name != "onnxruntime"), *map(Requirement, gpu()["dependencies"])]
    for requirement in required:
        assert pinned[requirement.name] in requirement.specifier
    assert len(pinned) == len(re.findall(r"^\S+==", path.read_text(), re.MULTILINE))


def gpu() -> dict[str, Any]:
    """Return what deploy/gpu/pyproject.toml says of ONNX Runtime for CUDA."""
    project: dict[str, Any] = tomllib.loads(CUDA.read_text())["project"]
    return project


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_an_image_has_one_onnx_runtime(path: Path) -> None:
    """Both packages install the same module, so one would overwrite the other."""
    assert [name for name in pins(path) if name.startswith("onnxruntime")] == [
        "onnxruntime-gpu" if LOCKS[path].cuda else "onnxruntime"
    ]


def test_onnx_runtime_for_cuda_stands_for_the_one_for_cpus() -> None:
    """`pip install ./deploy/gpu .` installs the module once: the other is not needed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    [requirement] = [r for r in map(Requirement, project["dependencies"]) if r.name == "onnxruntime"]
    assert gpu()["name"] == requirement.name
    assert gpu()["version"] in requirement.specifier
    assert not [text for extra in project["optional-dependencies"].values() for text in extra if "onnxruntime" in text]


def extras(project: dict[str, Any], names: Iterable[str]) -> Iterator[Requirement]:
    """Yield the requirements of extras, and of those that they include."""
    for requirement in (Requirement(text) for name in names for text in project["optional-dependencies"][name]):
        if requirement.name == project["name"]:
            yield from extras(project, requirement.extras)
        else:
            yield requirement


@pytest.mark.parametrize("accelerator", ["cpu", "gpu"])
def test_tensorflow_is_for_training(accelerator: str) -> None:
    """The worker's images have no TensorFlow, which would be nearly all of them."""
    found = {target: "tensorflow" in pins(REQUIREMENTS / f"{target}-{accelerator}.txt") for target in TARGETS}
    assert found == {"worker": False, "trainer": True}


def test_the_base_image_has_the_locks_python() -> None:
    """The base image has the version of Python that the packages are resolved for."""
    assert re.search(rf"^ARG PYTHON={re.escape(PYTHON)}\.\d+-slim-\w+$", DOCKERFILE.read_text(), re.MULTILINE)


def test_there_are_no_twin_stages() -> None:
    """The trainer builds on the worker, so that both share its layers; nothing is built twice."""
    assert [(name, found[0].rest) for name, found in stages().items() if name] == [
        ("worker", "python:${PYTHON} AS worker"), ("trainer", "worker AS trainer"),
    ]  # fmt: skip


def test_nothing_is_pulled_that_moves() -> None:
    """No syntax directive: its tag would be pulled at each build, and BuildKit has all that is used here."""
    assert "# syntax=" not in DOCKERFILE.read_text()


def test_the_image_names_the_projects_version() -> None:
    """The OCI annotations hold the version of pyproject.toml."""
    version = project_version()
    assert f"ARG VERSION={version}\n" in DOCKERFILE.read_text()
    assert all(s["image"].endswith(f":{version}") for s in services().values() if "tweet-cascade-" in s["image"])


def test_one_command_bumps_the_version(tmp_path: Path) -> None:
    """`make bump` writes the new version to every file that has it: pyproject.toml, images, Compose and manifests."""
    for name in ("pyproject.toml", "docker-compose.yml", "deploy"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, tmp_path / name)
    command = [sys.executable, "-m", "bumpversion", "bump", "--new-version", "9.8.7"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    version = re.compile(rf"(?:tweet-cascade\S*:|newTag: |VERSION=|version = \"){re.escape(project_version())}\b")
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix not in {".pyc", ".txt"}]
    assert [path for path in files if version.search(path.read_text())] == []
    assert sum("9.8.7" in path.read_text() for path in files) >= 6


def test_the_sbom_has_every_package(tmp_path: Path) -> None:
    """`make sbom` lists each pinned package with its checksums, and the project itself."""
    path, out = REQUIREMENTS / "worker-cpu.txt", "sbom.json"
    command = [sys.executable, "-W", "ignore", "-m", "cyclonedx_py", "requirements", str(path), "--output-file", out]
    subprocess.run(
        [*command, "--pyproject", str(ROOT / "pyproject.toml")], cwd=tmp_path, check=True, capture_output=True
    )
    found = json.loads((tmp_path / out).read_text())
    assert found["metadata"]["component"]["version"] == project_version()
    assert {each["name"]: each["version"] for each in found["components"]} == pins(path)
    assert all(each["externalReferences"][0]["hashes"] for each in found["components"])


def test_the_trainer_on_x86_has_no_cuda_kernels() -> None:
    """tensorflow-cpu is half as large; TensorFlow's own wheel for other processors has no CUDA either."""
    text = (REQUIREMENTS / "trainer-cpu.txt").read_text()
    assert "\ntensorflow-cpu==" + pins(REQUIREMENTS / "trainer-cpu.txt")["tensorflow"] in text
    assert re.search(r"^tensorflow==\S+ ; platform_machine != 'x86_64'", text, re.MULTILINE)


def test_the_images_are_what_compose_builds() -> None:
    """Compose builds the Dockerfile's targets, and has the health check of the image."""
    built = [service["build"] for service in services().values() if "build" in service]
    assert {x["target"] for x in built} == set(TARGETS)
    assert {ROOT / x["dockerfile"] for x in built} == {DOCKERFILE}
    health = last("worker", "HEALTHCHECK").split(" CMD ")[1]
    assert services()["worker"]["healthcheck"]["test"] == ["CMD", *re.findall(r'"(.*?)"', health)]


def test_the_worker_has_what_its_commands_need() -> None:
    """The image follows public streams, reads a Schema Registry and logs in with OAuth: nothing is left to install."""
    for path in LOCKS:
        pinned = set(re.findall(r"^([\w.-]+)==", path.read_text(), re.MULTILINE))
        assert pinned >= {"websockets", "confluent-kafka", "authlib", "requests"}, path.name
