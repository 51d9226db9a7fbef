"""The Dockerfile: linted, and its steps looked at and done by hand where Docker itself is not needed."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from deploy.docker.locks import LOCKS, PYTHON
from tests.deploy.compose import DOCKERFILE, ROOT, copied, last, lineage, services

TARGETS = ("worker", "trainer")


def test_the_linter_has_nothing_to_say() -> None:
    """The linter knows what makes images large, slow to build, or unsafe."""
    tool = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([tool, DOCKERFILE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("target", TARGETS)
def test_an_image_runs_as_nobody_in_particular(target: str) -> None:
    """Kubernetes' runAsNonRoot only believes a number."""
    assert int(str(last(target, "USER")).split(":")[0]) > 0


def test_a_worker_carries_no_training_code() -> None:
    """What labels needs no pandas, no matplotlib, and no code that writes models."""
    assert "training" in copied("trainer"), "this finds what is copied"
    assert not any("train" in source for source in copied("worker"))


def test_what_is_copied_is_let_through() -> None:
    """.dockerignore keeps data and history out of the build, and lets in what the Dockerfile copies."""
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for source in {*copied("worker"), *copied("trainer")}:
        assert any(source == path or source.startswith(f"{path}/") for path in allowed), source
    assert not any(path.startswith(("data", "models", ".git", "tests")) for path in allowed)


def test_the_package_in_the_worker_is_whole(tmp_path: Path) -> None:
    """The Dockerfile's own step, from what it copies: modules and version are there, training is not."""
    build = tmp_path / "build"
    for source in copied("worker"):
        target = build / source
        target.parent.mkdir(parents=True, exist_ok=True)
        if "{" not in source:
            (shutil.copytree if (ROOT / source).is_dir() else shutil.copy)(ROOT / source, target)
    step = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*step, "--target", str(tmp_path / "app"), str(build)], check=True, capture_output=True)
    found = {path.name for path in (tmp_path / "app").iterdir()}
    assert found >= {"schemas", "worker", "tweet_cascade-0.1.0.dist-info"}
    assert not found & {"training", "tests", "deploy"}
    assert (tmp_path / "app/schemas/json/tweet.schema.json").is_file()


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("accelerator", ["cpu", "gpu"])
def test_both_variants_have_their_packages(target: str, accelerator: str) -> None:
    """The build argument names a file that is there."""
    source = next(x for x in copied(target) if "requirements" in x)
    assert (ROOT / source.replace("${ACCELERATOR}", accelerator)).is_file()


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_the_locks_hold_what_the_project_asks_for(path: Path) -> None:
    """A new dependency in pyproject.toml is in the images too: `make locks`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *(x for e in LOCKS[path] for x in project["optional-dependencies"][e])]
    pinned = dict(re.findall(r"^([a-z0-9][a-z0-9.-]*)==(\S+)", path.read_text(), re.MULTILINE))
    for requirement in map(Requirement, asked):
        assert pinned[requirement.name] in requirement.specifier
    assert len(pinned) == len(re.findall(r"^\S+==", path.read_text(), re.MULTILINE))


def test_the_base_image_has_the_locks_python() -> None:
    """Packages are resolved for one version of Python."""
    arguments = [i.rest for i in lineage("base") if i.word == "ARG"] + DOCKERFILE.read_text().splitlines()
    assert any(line.removeprefix("ARG ").startswith(f"PYTHON={PYTHON}.") for line in arguments)


def test_the_images_are_what_compose_builds() -> None:
    """Compose's targets are the Dockerfile's, and its health check is the image's."""
    built = [service["build"] for service in services().values() if "build" in service]
    assert {x["target"] for x in built} == set(TARGETS)
    assert {ROOT / x["dockerfile"] for x in built} == {DOCKERFILE}
    health = last("worker", "HEALTHCHECK").split(" CMD ")[1]
    assert services()["worker"]["healthcheck"]["test"] == ["CMD", *re.findall(r'"(.*?)"', health)]
