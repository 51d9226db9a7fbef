"""FastStream's "Basic Subscriber", as in its documentation: a function with two decorators, one message at a time.

The acknowledgement policy is the documented one for at-least-once delivery.
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
        [prediction] = cascade.predict([tweet.text]).predictions
        record: Any = message.raw_message  # one record: its type is a union with a batch's
        return KafkaResponse(label(tweet.id, prediction, cascade.version, record.timestamp, now()), key=record.key)

    asyncio.run(FastStream(broker).run())


if __name__ == "__main__":
    main()
