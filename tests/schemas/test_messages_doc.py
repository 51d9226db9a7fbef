"""Examples in docs/messages.md."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, ValidationError

from schemas.export import CONTRACTS, FOLDER

DOC = (Path(__file__).parents[2] / "docs/messages.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r'```json title="(\S+)"\n(.*?)```', DOC, re.DOTALL)
RECORDS = dict(re.findall(r'```json title="record (\S+)"\n(.*?)```', DOC, re.DOTALL))
"""Records of other streams by their format; tests/integration/test_formats.py sends them through a broker."""


@pytest.mark.parametrize(("kind", "text"), [e for e in EXAMPLES if e[0] in CONTRACTS])
def test_the_examples_are_valid(kind: str, text: str) -> None:
    """Examples that users copy are valid, for the schema and for the code."""
    Draft202012Validator(json.loads((FOLDER / f"{kind}.schema.json").read_text())).validate(json.loads(text))
    CONTRACTS[kind].model_validate_json(text)


@pytest.mark.parametrize("text", [e[1] for e in EXAMPLES if e[0] == "not-a-tweet"])
def test_the_counter_examples_are_invalid(text: str) -> None:
    """The schema and the worker reject the same messages."""
    with pytest.raises(ValidationError):
        Draft202012Validator(json.loads((FOLDER / "tweet.schema.json").read_text())).validate(json.loads(text))
    with pytest.raises(ValueError, match="validation error"):
        CONTRACTS["tweet"].model_validate_json(text)


def test_every_message_has_an_example() -> None:
    """Each kind of message has an example, and every JSON block is one of them."""
    kinds = {kind for kind, _ in EXAMPLES}
    assert kinds == {"tweet", "label", "dead-letter-headers", "not-a-tweet"}
    assert len(EXAMPLES) + len(RECORDS) == DOC.count("```json")
