"""Export of the contracts for other languages: JSON Schema (draft 2020-12) and AsyncAPI."""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from schemas import asyncapi
from schemas.dead_letter import DeadLetter
from schemas.label import Label
from schemas.manifest import Manifest
from schemas.replay import Replay, Replayed
from schemas.tweet import Tweet

FOLDER = Path(__file__).parent / "json"
CONTRACTS: dict[str, type[BaseModel]] = {
    "tweet": Tweet,
    "label": Label,
    "dead-letter-headers": DeadLetter,
    "manifest": Manifest,
    "replay-headers": Replay,
    "replayed": Replayed,
}


def documents() -> dict[Path, str]:
    """Return the text of each document by its path."""
    schemas = {FOLDER / f"{name}.schema.json": _text(_schema(model)) for name, model in CONTRACTS.items()}
    return schemas | {FOLDER / "asyncapi.json": _text(asyncapi.document())}


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | model.model_json_schema()


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
