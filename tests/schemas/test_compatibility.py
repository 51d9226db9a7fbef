"""Compatibility of the contracts with former versions: one side can be updated without the other."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from schemas import CLASSES, Label
from schemas.export import CONTRACTS, FOLDER
from tests.schemas.test_export import RELEASED

VERSIONS = sorted(path for path in RELEASED.iterdir() if path.is_dir())
MESSAGES = [
    pytest.param(name, message, id=f"{version.name}-{name}-{n}")
    for version in VERSIONS
    for name, messages in json.loads((version / "messages.json").read_text(encoding="utf-8")).items()
    for n, message in enumerate(messages)
]
SEEN = st.one_of(st.none(), st.datetimes(timezones=st.just(None)).map(lambda t: f"{t.isoformat()}Z"))


def schema(folder: Path, name: str) -> Draft202012Validator:
    """Return a validator for a schema of the folder."""
    return Draft202012Validator(json.loads((folder / f"{name}.schema.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize(("name", "message"), MESSAGES)
def test_messages_of_former_versions_are_valid(name: str, message: dict[str, Any]) -> None:
    """Old producers, dead letters and artifacts stay valid, for the code and for the exported schema."""
    CONTRACTS[name].model_validate_json(json.dumps(message))
    schema(FOLDER, name).validate(message)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda path: path.name)
@given(
    id_=st.one_of(st.integers(-(2**63), 2**63 - 1), st.text(min_size=1, max_size=256)),
    target=st.sampled_from([0, 1]),
    probability=st.floats(0, 1),
    received=SEEN,
    shed=st.booleans(),
)
def test_labels_are_valid_for_former_consumers(
    version: Path, id_: int | str, target: int, probability: float, received: str | None, shed: bool
) -> None:
    """A consumer that validates with the schema of a former version accepts a newer worker's labels."""
    label = Label.model_validate({
        "id": id_, "label": CLASSES[target], "target": target, "probability": probability, "stage": "s",
        "model_version": "v", "received_at": received, "labelled_at": "2026-01-02T03:04:05Z",
        "shed": shed,
    })  # fmt: skip
    schema(version, "label").validate(json.loads(label.model_dump_json()))


def test_labels_of_former_versions_are_not_shed() -> None:
    """A consumer of old and new labels finds the field in both."""
    labels = [message for name, message in (case.values for case in MESSAGES) if name == "label"]
    assert labels
    assert not any(Label.model_validate(message).shed for message in labels)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda path: path.name)
def test_producers_need_no_new_field(version: Path) -> None:
    """With a new required field every tweet of an old producer would be dead-lettered."""
    before = json.loads((version / "tweet.schema.json").read_text(encoding="utf-8"))
    now = json.loads((FOLDER / "tweet.schema.json").read_text(encoding="utf-8"))
    assert set(now["required"]) <= set(before["required"])
    assert set(before["properties"]) <= set(now["properties"]), "no field of a former version is missing"
