"""The current contracts against those of the versions before: who updates one side need not update the other."""

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
    """Return a validator of one of a folder's schemas."""
    return Draft202012Validator(json.loads((folder / f"{name}.schema.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize(("name", "message"), MESSAGES)
def test_what_older_versions_wrote_is_still_read(name: str, message: dict[str, Any]) -> None:
    """Producers, dead letters and artefacts of before go on: by the code, and by the schema that others use."""
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
def test_consumers_of_before_read_what_is_written_now(
    version: Path, id_: int | str, target: int, probability: float, received: str | None, shed: bool
) -> None:
    """A consumer that validates with the schema it was built on does not choke on a newer worker's labels."""
    label = Label.model_validate({
        "id": id_, "label": CLASSES[target], "target": target, "probability": probability, "stage": "s",
        "model_version": "v", "received_at": received, "labelled_at": "2026-01-02T03:04:05Z",
        "shed": shed,
    })  # fmt: skip
    schema(version, "label").validate(json.loads(label.model_dump_json()))


def test_labels_of_before_were_not_shed() -> None:
    """Who reads labels of both worlds can count on the field."""
    labels = [message for name, message in (case.values for case in MESSAGES) if name == "label"]
    assert labels
    assert not any(Label.model_validate(message).shed for message in labels)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda path: path.name)
def test_no_new_field_is_asked_of_producers(version: Path) -> None:
    """A field that becomes required turns every tweet of an older producer into a dead letter."""
    before = json.loads((version / "tweet.schema.json").read_text(encoding="utf-8"))
    now = json.loads((FOLDER / "tweet.schema.json").read_text(encoding="utf-8"))
    assert set(now["required"]) <= set(before["required"])
    assert set(before["properties"]) <= set(now["properties"]), "a field that was read is still known"
