"""docker-compose.yml and the Dockerfile, read for the tests."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = ROOT / "deploy" / "docker" / "Dockerfile"


def read_yaml(path: Path) -> Any:  # noqa: ANN401 (whatever the file holds)
    """Return what a YAML file holds."""
    return YAML(typ="safe").load(path)


def services() -> dict[str, dict[str, Any]]:
    """Return the services of docker-compose.yml."""
    found: dict[str, dict[str, Any]] = read_yaml(COMPOSE)["services"]
    return found


class Instruction(NamedTuple):
    """A line of a Dockerfile, its continuations joined."""

    word: str
    rest: str


def stages() -> dict[str, list[Instruction]]:
    """Return the Dockerfile's stages by name, each with its instructions, FROM first."""
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
    """Return the instructions of a stage and of those it is built on, the base first."""
    instructions = stages()[target]
    parent = instructions[0].rest.split(" AS ")[0]
    return (lineage(parent) if parent in stages() else []) + instructions


def last(target: str, word: str) -> Any:  # noqa: ANN401 (JSON, or a text)
    """Return what an instruction says the last time it stands in a target: the one that counts."""
    rest = [instruction.rest for instruction in lineage(target) if instruction.word == word][-1]
    return json.loads(rest) if rest.startswith("[") else rest


def copied(target: str) -> list[str]:
    """Return what of the project a target copies, by way of all the stages that it copies from."""
    sources = []
    for instruction in lineage(target):
        if instruction.word == "COPY":
            first, *others = instruction.rest.split()[:-1]
            sources += copied(first.removeprefix("--from=")) if first.startswith("--from=") else [first, *others]
    return sources
