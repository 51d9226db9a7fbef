"""Records that are compressed: Kafka needs native libraries, which it unpacks into a file system that is read-only."""

import json

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from tests.containers.stack import Stack, wait_until
from tests.helpers import tweet
from tests.kafka.support.auditor import read_topic

pytestmark = pytest.mark.containers
_COUNT = 200


@pytest.mark.parametrize("codec", ["none", "gzip", "snappy", "lz4", "zstd"])
def test_a_codec_goes_in_and_out(stack: Stack, codec: str) -> None:
    """Tweets that are compressed by a producer are labelled, and labels that Kafka compresses can be read."""
    write_labels_as(stack.servers, "uncompressed" if codec == "none" else codec)
    ids = {f"{codec}-{n}" for n in range(_COUNT)}
    producer = Producer({"bootstrap.servers": stack.servers, "compression.type": codec, "linger.ms": 50})
    errors: list[object] = []
    for id_ in ids:
        producer.produce("tweets", tweet(id_, f"{id_} trees on fire " * 3), on_delivery=lambda e, _m: errors.append(e))
    producer.flush(30)
    assert errors == [None] * _COUNT
    wait_until(lambda: ids <= labelled(stack.servers), 60, lambda: stack.logs("worker") + stack.logs("kafka"))


def write_labels_as(servers: str, codec: str) -> None:
    """Set the codec in which Kafka stores labels, whatever the worker sends."""
    entry = ConfigEntry("compression.type", codec, incremental_operation=AlterConfigOpType.SET)
    changed = ConfigResource(ResourceType.TOPIC, "tweets.labelled", incremental_configs=[entry])
    admin = AdminClient({"bootstrap.servers": servers})
    for done in admin.incremental_alter_configs([changed]).values():
        done.result(30)


def labelled(servers: str) -> set[str]:
    """Return the ids of all labels."""
    return {str(json.loads(value)["id"]) for value, _ in read_topic(servers, "tweets.labelled")}
