"""Avro, JSON Schema and Protobuf with the schemas of a Schema Registry."""

import base64
from collections.abc import Iterator

import pytest
from google.protobuf import descriptor_pb2

from schemas import DeadLetter, Reason
from tests.helpers import record
from tests.worker.formats.framed import AUTHOR, CASES, PROTO, framed
from tests.worker.formats.registry_server import Registry, running
from worker.errors import RegistryError, SettingError
from worker.formats import registry as registry_module
from worker.formats.assembly import new_reader
from worker.formats.input_settings import InputSettings
from worker.stream.codec import decode


@pytest.fixture
def registry() -> Iterator[Registry]:
    """Serve a registry."""
    with running() as server:
        yield server


@pytest.mark.parametrize("kind", CASES)
def test_values_of_confluents_serializers_are_read(registry: Registry, kind: str) -> None:
    """A record of each kind is a tweet, and its schema is fetched once, in each form that is needed."""
    value = framed(registry.url)[kind]
    reader = new_reader(InputSettings(schema_registry_url=registry.url))
    registry.fetched.clear()
    for _ in range(3):
        assert decode(record(value), reader) == CASES[kind]
    assert len(registry.fetched) == (2 if kind == "protobuf" else 1)


def test_protobuf_with_descriptors(registry: Registry) -> None:
    """Confluent's registry sends descriptors, which need no compiler."""
    value = framed(registry.url)["protobuf"]
    for number, schema in enumerate(registry.schemas, 1):
        if schema["schema"].strip() in {AUTHOR.strip(), PROTO.strip()}:
            registry.descriptors[number] = descriptor(schema["schema"].strip() == PROTO.strip())
    assert len(registry.descriptors) == 2
    reader = new_reader(InputSettings(schema_registry_url=registry.url))
    assert decode(record(value), reader) == CASES["protobuf"]


def descriptor(own: bool) -> str:
    """Return the descriptor of `PROTO`, or of `AUTHOR`, written by hand."""
    string, message = descriptor_pb2.FieldDescriptorProto.TYPE_STRING, descriptor_pb2.FieldDescriptorProto.TYPE_MESSAGE
    file = descriptor_pb2.FileDescriptorProto(name="x.proto", package="demo", syntax="proto3")
    if own:
        file.dependency.append("author.proto")
        file.message_type.add(name="Other").field.add(name="note", number=1, type=string, label=1)
        tweet = file.message_type.add(name="Tweet")
        for number, name in enumerate(("id", "text"), 1):
            tweet.field.add(name=name, number=number, type=string, label=1)
        tweet.field.add(name="author", number=3, type=message, type_name=".demo.Author", label=1)
    else:
        file.message_type.add(name="Author").field.add(name="name", number=1, type=string, label=1)
    return base64.b64encode(file.SerializeToString()).decode()


@pytest.mark.parametrize("value", [b"\0\0\0\0\x63rest of it", b"\0\0\0\0\1\xff\xff\xff"])
def test_a_schema_that_does_not_suit_is_a_dead_letter(registry: Registry, value: bytes) -> None:
    """The registry has no schema 99, and the bytes do not follow schema 1."""
    framed(registry.url)
    letter = decode(record(value), new_reader(InputSettings(schema_registry_url=registry.url)))
    assert isinstance(letter, DeadLetter)
    assert letter.reason is Reason.INVALID_SCHEMA


def test_a_registry_that_fails_makes_no_dead_letters(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records are not at fault: the worker ends with the batch uncommitted."""
    monkeypatch.setitem(registry_module._RETRIES, "max.retries", 0)
    value = framed(registry.url)["avro"]
    reader = new_reader(InputSettings(schema_registry_url=registry.url))
    registry.down = True
    with pytest.raises(RegistryError, match=registry.url):
        decode(record(value), reader)


def test_a_login(monkeypatch: pytest.MonkeyPatch) -> None:
    """User name and password come from the settings; without them the worker does not start."""
    monkeypatch.setenv("CASCADE_SCHEMA_REGISTRY_PASSWORD", "secret")
    with running("ann:secret") as registry:
        url = registry.url
        new_reader(InputSettings(schema_registry_url=url, schema_registry_username="ann"))
        monkeypatch.delenv("CASCADE_SCHEMA_REGISTRY_PASSWORD")
        with pytest.raises(SettingError, match="Schema Registry .* cannot be used .*Unauthorized"):
            new_reader(InputSettings(schema_registry_url=url))


def test_a_registry_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong address is a setting error, before the worker joins its group."""
    monkeypatch.setitem(registry_module._RETRIES, "max.retries", 0)
    with pytest.raises(SettingError, match="--schema-registry-url"):
        new_reader(InputSettings(schema_registry_url="http://127.0.0.1:1"))
