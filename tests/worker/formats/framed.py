"""Values in Confluent's wire format, written by Confluent's own serializers."""

import json

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient, header_schema_id_serializer
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from worker.types import TweetStruct

TOPIC = "framed"
AVRO = {"type": "record", "name": "Tweet", "fields": [{"name": n, "type": "string"} for n in ("id", "text")]}
JSON_SCHEMA = {"title": "Tweet", "type": "object", "properties": {n: {"type": "string"} for n in ("id", "text")}}
PROTO = """
syntax = "proto3";
package demo;
import "author.proto";
message Other { string note = 1; }
message Tweet { string id = 1; string text = 2; Author author = 3; }
"""
AUTHOR = 'syntax = "proto3";\npackage demo;\nmessage Author { string name = 1; }\n'
CASES = {
    "avro": TweetStruct("a-1", "Dam breaks above the village"),
    "json-schema": TweetStruct("j-1", "Avalanche buries the pass road"),
    "protobuf": TweetStruct("p-1", "Ferry sinks off the coast"),
}
"""Id and text of each value."""


def framed(url: str) -> dict[str, bytes]:
    """Register the schemas at a registry; return a value of each kind."""
    client = SchemaRegistryClient({"url": url})
    where = SerializationContext(TOPIC, MessageField.VALUE)
    avro, json_schema, protobuf = ({"id": t.id, "text": t.text} for t in CASES.values())
    return {
        "avro": AvroSerializer(client, json.dumps(AVRO))(avro, where),
        "json-schema": JSONSerializer(json.dumps(JSON_SCHEMA), client)(json_schema, where),
        "protobuf": _protobuf(client, str(protobuf["id"]), str(protobuf["text"])),
    }


def in_headers(url: str, kind: str) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Return a value of Avro or JSON Schema and its headers, in which the serializer names the schema by its GUID."""
    client, headers = SchemaRegistryClient({"url": url}), list[tuple[str, bytes]]()
    where = SerializationContext(TOPIC, MessageField.VALUE, headers)
    config = {"schema.id.serializer": header_schema_id_serializer}
    serializer = (
        AvroSerializer(client, json.dumps(AVRO), conf=config)
        if kind == "avro"
        else JSONSerializer(json.dumps(JSON_SCHEMA), client, conf=config)
    )
    return serializer({"id": CASES[kind].id, "text": CASES[kind].text}, where), headers


def _protobuf(client: SchemaRegistryClient, id_: str, text: str) -> bytes:
    """Return the second message of a schema that refers to another one, as a Java producer registers them."""
    from confluent_kafka.schema_registry import SchemaReference

    client.register_schema("author.proto", Schema(AUTHOR, "PROTOBUF"))
    references = [SchemaReference("author.proto", "author.proto", 1)]
    number = client.register_schema(f"{TOPIC}-proto", Schema(PROTO, "PROTOBUF", references))
    fields = [_field(1, id_.encode()), _field(2, text.encode()), _field(3, _field(1, b"ann"))]
    return b"\0" + int(number).to_bytes(4, "big") + bytes([2, 2]) + b"".join(fields)


def _field(number: int, data: bytes) -> bytes:
    """Return a length-delimited field of Protobuf's wire format."""
    return bytes([number << 3 | 2, len(data)]) + data
