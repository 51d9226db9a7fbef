"""confluent-kafka in a tuned batch loop; librdkafka fetches and sends on threads of its own.

For each batch: consume(n), one call of the cascade, produce with delivery callbacks, flush, synchronous commit.
"""

from typing import Any

import orjson
from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition

from benchmarks.peers.contract import Task, label, now, read_task
from worker.cascade.cascade import ThresholdCascade
from worker.models import load_artifact

_BATCH = 2048


def main() -> None:
    """Label until stopped."""
    task = read_task()
    cascade = load_artifact(task.artifact).cascade
    consumer, producer = new_consumer(task), new_producer(task)
    consumer.subscribe([task.source])
    with task.until_stopped():
        while not task.stopped:
            if batch := [m for m in consumer.consume(_BATCH, timeout=0.1) if m.error() is None]:
                publish(producer, task.target, batch, labels(batch, cascade))
                consumer.commit(offsets=offsets_after(batch), asynchronous=False)
    consumer.close()


def new_consumer(task: Task) -> Consumer:
    """Return a consumer; librdkafka prefetches more than a batch by default."""
    return Consumer(
        {
            "bootstrap.servers": task.servers,
            "group.id": task.group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "partition.assignment.strategy": "cooperative-sticky",
            "session.timeout.ms": task.session_ms,
            "heartbeat.interval.ms": min(3_000, task.session_ms // 3),
        }
    )


def new_producer(task: Task) -> Producer:
    """Return an idempotent producer of large batches."""
    return Producer(
        {
            "bootstrap.servers": task.servers,
            "acks": "all",
            "enable.idempotence": True,
            "linger.ms": 5,
            "batch.size": 256 * 1024,
            "partitioner": "murmur2_random",
        }
    )


def labels(batch: list[Message], cascade: ThresholdCascade) -> list[bytes]:
    """Classify the messages; return a label for each as JSON."""
    tweets: list[dict[str, Any]] = [orjson.loads(message.value() or b"") for message in batch]
    predictions = cascade.predict([tweet["text"] for tweet in tweets]).predictions
    at = now()
    return [
        orjson.dumps(label(tweet["id"], prediction, cascade.version, message.timestamp()[1], at))
        for message, tweet, prediction in zip(batch, tweets, predictions, strict=True)
    ]


def publish(producer: Producer, topic: str, batch: list[Message], values: list[bytes]) -> None:
    """Send the labels with their tweets' keys; wait until all are acknowledged."""
    errors: list[KafkaError] = []

    def delivered(error: KafkaError | None, _message: Message) -> None:
        if error:
            errors.append(error)

    for message, value in zip(batch, values, strict=True):
        producer.produce(topic, value, message.key(), on_delivery=delivered)
    producer.flush()
    if errors:
        raise SystemExit(f"{len(errors)} labels of a batch were not acknowledged: {errors[0]}")


def offsets_after(batch: list[Message]) -> list[TopicPartition]:
    """Return the offset after the last message of each partition."""
    last = {(m.topic() or "", m.partition() or 0): (m.offset() or 0) + 1 for m in batch}
    return [TopicPartition(topic, partition, offset) for (topic, partition), offset in last.items()]


if __name__ == "__main__":
    main()
