"""Avro, JSON Schema and Protobuf with the schemas of a Schema Registry."""

import base64
import json
import ssl
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from google.protobuf import descriptor_pb2

from schemas import DeadLetter, Reason
from tests.helpers import record
from tests.worker.formats.framed import AUTHOR, AVRO, CASES, PROTO, framed, in_headers
from tests.worker.formats.registry_server import Registry, guid, running
from worker.errors import RegistryError, SettingError
from worker.formats import registry as registry_module
from worker.formats.assembly import new_reader
from worker.formats.input_settings import InputSettings
from worker.stream.codec import decode
from worker.types import TweetStruct

CLIENT_FILES = (("cert", "pem"), ("key", "key"))


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


@pytest.mark.parametrize("kind", ["avro", "json-schema"])
def test_a_schema_may_be_named_in_a_header(registry: Registry, kind: str) -> None:
    """Confluent's serializers can put the schema's GUID into a header; the value then has no prefix."""
    value, headers = in_headers(registry.url, kind)
    reader = new_reader(InputSettings(schema_registry_url=registry.url))
    registry.fetched.clear()
    for _ in range(3):
        assert decode(record(value, headers=headers), reader) == CASES[kind]
    assert len(registry.fetched) == (1 if kind == "avro" else 0), "JSON needs no schema"


def test_protobuf_with_its_schema_in_a_header(registry: Registry) -> None:
    """The same message without the prefix; Confluent's own serializer needs generated code."""
    value = framed(registry.url)["protobuf"]
    header = ("__value_schema_id", b"\1" + uuid.UUID(guid(int.from_bytes(value[1:5]))).bytes)
    reader = new_reader(InputSettings(schema_registry_url=registry.url))
    assert decode(record(value[5:], headers=[header]), reader) == CASES["protobuf"]


@pytest.mark.parametrize("header", [b"", b"\1short", b"\7" + bytes(16), b"\1" + bytes(16)])
def test_a_header_that_names_no_schema(registry: Registry, header: bytes) -> None:
    """One of another form says nothing of the value; an unknown GUID is a dead letter."""
    value = framed(registry.url)["avro"]
    reader = new_reader(InputSettings(schema_registry_url=registry.url))
    found = decode(record(value, headers=[("__value_schema_id", header)]), reader)
    if header == b"\1" + bytes(16):
        assert isinstance(found, DeadLetter)
        assert found.reason is Reason.INVALID_SCHEMA
        assert "no schema 00000000-0000-0000-0000-000000000000" in found.error
    else:
        assert found == CASES["avro"]


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


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Return a folder with an authority, a client's certificate and its key."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    for name in ("127.0.0.1", "client.invalid"):
        issued = authority.issue_cert(name)
        issued.private_key_and_cert_chain_pem.write_to_path(tmp_path / f"{name}.pem")
        issued.private_key_pem.write_to_path(tmp_path / f"{name}.key")
    return tmp_path


@pytest.mark.parametrize("client", [False, True])
def test_a_registry_over_tls(files: Path, client: bool) -> None:
    """A private authority has a setting; so have certificate and key where the registry asks for them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files / "127.0.0.1.pem")
    given: dict[str, Any] = {"schema_registry_cafile": files / "ca.pem"}
    if client:
        context.load_verify_locations(files / "ca.pem")
        context.verify_mode = ssl.CERT_REQUIRED
        given |= {f"schema_registry_{kind}file": files / f"client.invalid.{end}" for kind, end in CLIENT_FILES}
    with running(context=context) as registry:
        number = registry.add("s", {"schema": json.dumps(AVRO), "schemaType": "AVRO"})
        value = b"\0" + number.to_bytes(4) + b"\x02a\x08fire"
        reader = new_reader(InputSettings(schema_registry_url=registry.url, **given))
        assert decode(record(value), reader) == TweetStruct("a", "fire")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "certificate verify failed.*--schema-registry-cafile"),
        (["cafile"], "(certificate required|cannot be used).*--schema-registry-certfile"),
    ],
)
def test_a_registry_that_tls_keeps_out(
    files: Path, given: list[str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the authority, or without a certificate that the registry asks for, the message names the setting."""
    monkeypatch.setitem(registry_module._RETRIES, "max.retries", 0)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files / "127.0.0.1.pem")
    context.load_verify_locations(files / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    settings: dict[str, Any] = {f"schema_registry_{name}": files / "ca.pem" for name in given}
    with running(context=context) as registry, pytest.raises(SettingError, match=message) as error:
        new_reader(InputSettings(schema_registry_url=registry.url, **settings))
    assert registry.url in str(error.value)


def test_a_registry_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong address is a setting error, before the worker joins its group."""
    monkeypatch.setitem(registry_module._RETRIES, "max.retries", 0)
    with pytest.raises(SettingError, match="--schema-registry-url"):
        new_reader(InputSettings(schema_registry_url="http://127.0.0.1:1"))
