"""Readers of docker-compose.yml and the Dockerfile."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = ROOT / "deploy" / "docker" / "Dockerfile"


def read_yaml(path: Path) -> Any:  # noqa: ANN401 (the file's own structure)
    """Return the content of a YAML file."""
    return YAML(typ="safe").load(path)


def project_version() -> str:
    """Return the version in pyproject.toml."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def services() -> dict[str, dict[str, Any]]:
    """Return the services of docker-compose.yml."""
    found: dict[str, dict[str, Any]] = read_yaml(COMPOSE)["services"]
    return found


class Instruction(NamedTuple):
    """An instruction of a Dockerfile, with its continuation lines joined."""

    word: str
    rest: str


def stages() -> dict[str, list[Instruction]]:
    """Return the instructions of each stage of the Dockerfile, by name, starting with FROM."""
    lines = DOCKERFILE.read_text().replace("\\\n", " ").splitlines()
    found: dict[str, list[Instruction]] = {}
    name = ""
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        instruction = Instruction(*line.split(maxsplit=1))
        if instruction.word == "FROM":
            name = instruction.rest.split(" AS ")[1]
        found.setdefault(name, []).append(instruction)
    return found


def lineage(target: str) -> list[Instruction]:
    """Return the instructions of a stage after those of the stages that it is built on."""
    instructions = stages()[target]
    parent = instructions[0].rest.split(" AS ")[0]
    return (lineage(parent) if parent in stages() else []) + instructions


def last(target: str, word: str) -> Any:  # noqa: ANN401 (JSON, or a string)
    """Return the arguments of the last such instruction of a target, which is the effective one."""
    rest = [instruction.rest for instruction in lineage(target) if instruction.word == word][-1]
    return json.loads(rest) if rest.startswith("[") else rest


def copied(target: str) -> list[str]:
    """Return the project's files that a target copies, or mounts while it is built."""
    sources = []
    for instruction in lineage(target):
        if instruction.word == "COPY":
            sources += instruction.rest.split()[:-1]
        sources += re.findall(r"--mount=type=bind,source=([^,]+)", instruction.rest)
    return sources


def requirements(target: str) -> list[str]:
    """Return the lists of packages that a target installs, in this order."""
    runs = " ".join(instruction.rest for instruction in lineage(target) if instruction.word == "RUN")
    return re.findall(r'--requirement "/requirements/(\S+)"', runs)
