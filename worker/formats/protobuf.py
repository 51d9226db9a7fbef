"""Protobuf as Confluent writes it: the schema's descriptor from the registry, the message's number, the message."""

import base64
import binascii
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

from worker.formats.types import Json

Schema = Any
"""Confluent's `Schema`."""
_BUILT_IN = ("google/protobuf/", "google/type/", "confluent/")
_OWN_FILE = "cascade_schema.proto"


def message_decoder(schema: Schema, client: Any) -> Callable[[bytes], Json]:  # noqa: ANN401 (Confluent's client)
    """Return a function that decodes values of the schema.

    Args:
        schema: its text is the serialized descriptor in base64, or the .proto file.
        client: fetches the schemas that it refers to, in either form.

    """
    pool = descriptor_pool.DescriptorPool()
    _add_built_in(pool)
    sources: dict[str, str] = {}
    _add_references(pool, schema, client, sources)
    file = pool.AddSerializedFile(_descriptor(_OWN_FILE, schema, sources).SerializeToString())
    roots = list((file or pool.FindFileByName(_OWN_FILE)).message_types_by_name.values())

    def decode(value: bytes) -> Json:
        path, start = _message_path(value, 0)
        kind = roots[path[0]]
        for number in path[1:]:
            kind = kind.nested_types[number]
        message = message_factory.GetMessageClass(kind)()
        message.ParseFromString(value[start:])
        return json_format.MessageToDict(message, preserving_proto_field_name=True)

    return decode


def _add_built_in(pool: descriptor_pool.DescriptorPool) -> None:
    from google.protobuf import any_pb2, duration_pb2, struct_pb2, timestamp_pb2, wrappers_pb2

    for module in (any_pb2, duration_pb2, struct_pb2, timestamp_pb2, wrappers_pb2):
        pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)


def _add_references(
    pool: descriptor_pool.DescriptorPool,
    schema: Schema,
    client: Any,  # noqa: ANN401 (Confluent's client)
    sources: dict[str, str],
) -> None:
    for reference in schema.references or []:
        if reference.name not in sources and not reference.name.startswith(_BUILT_IN):
            referred = client.get_version(reference.subject, reference.version, True, "serialized").schema
            sources[reference.name] = referred.schema_str
            _add_references(pool, referred, client, sources)
            pool.AddSerializedFile(_descriptor(reference.name, referred, sources).SerializeToString())


def _descriptor(name: str, schema: Schema, sources: Mapping[str, str]) -> descriptor_pb2.FileDescriptorProto:
    """Return a schema's descriptor: Confluent's registry has it, others only have the .proto file."""
    try:
        found = descriptor_pb2.FileDescriptorProto.FromString(base64.b64decode(schema.schema_str, validate=True))
    except (binascii.Error, ValueError):
        found = _compiled(name, {**sources, name: schema.schema_str})
    found.name = name
    return found


def _compiled(name: str, sources: Mapping[str, str]) -> descriptor_pb2.FileDescriptorProto:
    """Return the descriptor of a .proto file, by Google's own compiler.

    It runs in a process of its own: its copy of Protobuf crashes a process that has TensorFlow's too.

    Raises:
        ValueError: the compiler rejects it.

    """
    with tempfile.TemporaryDirectory() as folder:
        for path, text in sources.items():
            _check_inside(path)
            Path(folder, path).parent.mkdir(parents=True, exist_ok=True)
            Path(folder, path).write_text(text, encoding="utf-8")
        out = Path(folder, "descriptors")
        compiler = [sys.executable, "-m", "grpc_tools.protoc", f"-I{folder}", f"--descriptor_set_out={out}"]
        called = subprocess.run([*compiler, str(Path(folder, name))], capture_output=True, check=False)  # noqa: S603 (no shell)
        if called.returncode:
            raise ValueError("the Protobuf compiler rejects the schema")
        return descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file[0]


def _check_inside(path: str) -> None:
    """Keep a reference's name, which the registry gives, from leading out of the folder."""
    if Path(path).is_absolute() or ".." in Path(path).parts:
        raise ValueError("a referenced schema has a name that leads out of its folder")


def _message_path(value: bytes, start: int) -> tuple[list[int], int]:
    """Return the numbers that lead to the message's type, and where the message begins.

    A zero stands for the first message of the schema; else their count comes first. All are zigzag varints.

    >>> _message_path(bytes([0, 9]), 0), _message_path(bytes([4, 2, 4, 9]), 0)
    (([0], 1), ([1, 2], 3))
    """
    count, start = _varint(value, start)
    path = []
    for _ in range(count):
        number, start = _varint(value, start)
        path.append(number)
    return path or [0], start


def _varint(value: bytes, start: int) -> tuple[int, int]:
    """Return a zigzag varint and where it ends."""
    number = shift = 0
    while True:
        byte = value[start]
        number, start, shift = number | (byte & 0x7F) << shift, start + 1, shift + 7
        if byte < 0x80:
            return (number >> 1) ^ -(number & 1), start
