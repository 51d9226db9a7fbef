"""FastStream on its Kafka client, as its documentation writes an application: a function with two decorators.

One message at a time, its "Basic Subscriber", with the policy that its documentation names for at least once.
"""

import asyncio
from typing import Any

from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaResponse
from faststream.kafka.annotations import KafkaMessage

from benchmarks.peers.contract import label, now, read_task
from schemas import Tweet
from worker.models import load_artifact


def main() -> None:
    """Label until stopped."""
    task = read_task()
    cascade = load_artifact(task.artifact).cascade
    broker = KafkaBroker(task.servers)

    @broker.publisher(task.target)
    @broker.subscriber(
        task.source,
        group_id=task.group,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.ACK,
        session_timeout_ms=task.session_ms,
        heartbeat_interval_ms=task.session_ms // 3,
    )
    async def classify(tweet: Tweet, message: KafkaMessage) -> KafkaResponse:
        [said] = cascade.predict([tweet.text]).predictions
        record: Any = message.raw_message  # one: its type has those of a batch too
        return KafkaResponse(label(tweet.id, said, cascade.version, record.timestamp, now()), key=record.key)

    asyncio.run(FastStream(broker).run())


if __name__ == "__main__":
    main()
