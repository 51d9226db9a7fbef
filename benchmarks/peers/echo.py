"""kafka-python alone: the bytes of a topic to another one, as safely as the worker does it. Its client's own limit.

Poll a batch, send it, wait until all is acknowledged, commit. Sizes and guarantees are the worker's
(worker/kafka): 1,024 records a poll, 5 ms of linger, 256 KiB a batch, acks=all, idempotence, read_committed.
"""

from typing import Any

from kafka import KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor

from benchmarks.peers.contract import Task, read_task


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


def new_consumer(task: Task) -> Any:  # noqa: ANN401 (kafka-python has no types)
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
        max_poll_records=2048,
        partition_assignment_strategy=[CooperativeStickyAssignor],
    )


def new_producer(task: Task) -> Any:  # noqa: ANN401 (likewise)
    """Return a producer with the worker's settings."""
    return KafkaProducer(
        bootstrap_servers=task.servers,
        acks="all",
        enable_idempotence=True,
        linger_ms=5,
        batch_size=256 * 1024,
        max_request_size=16 * 1024 * 1024,
    )


def echo(batch: dict[TopicPartition, list[Any]], consumer: Any, producer: Any, target: str) -> None:  # noqa: ANN401
    """Send a batch, wait for every acknowledgement, commit it."""
    send = producer.send
    sent = [send(target, r.value, r.key) for records in batch.values() for r in records]
    producer.flush()
    if not all(future.succeeded() for future in sent):
        raise SystemExit("not all of a batch was acknowledged")
    last = {tp: records[-1] for tp, records in batch.items()}
    consumer.commit({tp: OffsetAndMetadata(r.offset + 1, "", r.leader_epoch) for tp, r in last.items()})


if __name__ == "__main__":
    main()
