"""The contracts as JSON Schema (draft 2020-12), for users of other languages."""

import json
from pathlib import Path

from pydantic import BaseModel

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
    """Return each schema's path and the text that belongs there."""
    return {FOLDER / f"{name}.schema.json": _document(model) for name, model in CONTRACTS.items()}


def _document(model: type[BaseModel]) -> str:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | model.model_json_schema()
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
