"""kafka-python alone: copy the records of a topic to another one. It is the limit of the worker's client.

For each batch: poll, send, wait for all acknowledgements, commit. Sizes and guarantees are the worker's
(worker/settings.py, worker/kafka): 2,048 records a poll, 5 ms of linger, 256 KiB a batch, acks=all, idempotence,
read_committed.
"""

from typing import Any, TypeAlias

from kafka import KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor

from benchmarks.peers.contract import Task, read_task

_POLLED = 2048
Consumer: TypeAlias = Any  # kafka-python has no types
Producer: TypeAlias = Any


def main() -> None:
    """Echo until stopped."""
    task = read_task()
    consumer, producer = new_consumer(task), new_producer(task)
    with task.until_stopped():
        while not task.stopped:
            if batch := consumer.poll(timeout_ms=500):
                echo(batch, consumer, producer, task.target)
    consumer.close(autocommit=False)
    producer.close(timeout=5)


def new_consumer(task: Task) -> Consumer:
    """Return a consumer with the worker's settings."""
    return KafkaConsumer(
        task.source,
        bootstrap_servers=task.servers,
        group_id=task.group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
        session_timeout_ms=task.session_ms,
        heartbeat_interval_ms=min(3_000, task.session_ms // 3),
        max_poll_records=_POLLED,
        partition_assignment_strategy=[CooperativeStickyAssignor],
    )


def new_producer(task: Task) -> Producer:
    """Return a producer with the worker's settings."""
    return KafkaProducer(
        bootstrap_servers=task.servers,
        acks="all",
        enable_idempotence=True,
        linger_ms=5,
        batch_size=256 * 1024,
        max_request_size=16 * 1024 * 1024,
    )


def echo(batch: dict[TopicPartition, list[Any]], consumer: Consumer, producer: Producer, target: str) -> None:
    """Send a batch, wait until all of it is acknowledged, commit it."""
    send = producer.send
    sent = [send(target, r.value, r.key) for records in batch.values() for r in records]
    producer.flush()
    if not all(future.succeeded() for future in sent):
        raise SystemExit("not all of a batch was acknowledged")
    last = {tp: records[-1] for tp, records in batch.items()}
    consumer.commit({tp: OffsetAndMetadata(r.offset + 1, "", r.leader_epoch) for tp, r in last.items()})


if __name__ == "__main__":
    main()
