"""Exported contracts: JSON Schemas and AsyncAPI."""

import json
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from schemas import asyncapi, topics
from schemas.export import FOLDER, documents

RELEASED = Path(__file__).parent / "released"
ASYNCAPI = Path(__file__).parent / "asyncapi/asyncapi-3.0.0.schema.json"


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_json_schemas_are_current(path: Path) -> None:
    """The exported files match the code; `make schemas` writes them."""
    assert path.read_text(encoding="utf-8") == documents()[path]


def test_no_schema_is_left_over() -> None:
    """A removed contract leaves no file behind."""
    assert set(FOLDER.iterdir()) == set(documents())


@pytest.mark.parametrize("path", FOLDER.glob("*.schema.json"), ids=lambda path: path.name)
def test_the_schemas_are_valid(path: Path) -> None:
    """They are valid by the JSON Schema standard, for validators of other languages."""
    Draft202012Validator.check_schema(json.loads(path.read_text()))


def test_the_asyncapi_document_is_valid() -> None:
    """AsyncAPI's own schema accepts it, and every reference resolves."""
    document = asyncapi.document()
    Draft7Validator(json.loads(ASYNCAPI.read_text())).validate(document)
    for reference in references(document):
        found = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
    addresses = {channel["address"] for channel in document["channels"].values()}
    assert addresses == {topics.TWEETS, topics.LABELLED, topics.DEAD_LETTER}


def test_the_asyncapi_document_has_the_projects_version() -> None:
    """Catalogs distinguish versions by it."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert project["version"] == asyncapi.VERSION


def references(node: object) -> list[str]:
    """Return all references under a node."""
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for child in node.values() for found in references(child)]
    return [found for child in node for found in references(child)] if isinstance(node, list) else []
