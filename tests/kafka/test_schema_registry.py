"""A real Schema Registry: Apicurio."""

from pathlib import Path

import pytest

from tests.helpers import record
from tests.kafka.support import apicurio
from tests.worker.formats.framed import CASES, framed
from worker.formats.assembly import new_reader
from worker.formats.input_settings import InputSettings
from worker.stream.codec import decode

pytestmark = pytest.mark.kafka


def test_values_of_every_kind_are_read(tmp_path: Path) -> None:
    """Avro, JSON Schema, and Protobuf whose schema refers to another one; Apicurio sends .proto files."""
    with apicurio.running(tmp_path / "log") as url:
        values = framed(url)
        reader = new_reader(InputSettings(schema_registry_url=url))
        assert {kind: decode(record(value), reader) for kind, value in values.items()} == CASES
