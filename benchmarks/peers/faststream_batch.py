"""FastStream with `batch=True` for subscriber and publisher, the documented alternative to `faststream`."""

import asyncio

from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaPublishMessage
from faststream.kafka.annotations import KafkaMessage

from benchmarks.peers.contract import label, now, read_task
from schemas import Tweet
from worker.models import load_artifact

_BATCH = 2048


def main() -> None:
    """Label until stopped."""
    task = read_task()
    cascade = load_artifact(task.artifact).cascade
    broker = KafkaBroker(task.servers, max_batch_size=1024 * 1024)  # the labels of a batch are sent in one

    @broker.publisher(task.target, batch=True)
    @broker.subscriber(
        task.source,
        batch=True,
        max_records=_BATCH,
        group_id=task.group,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.ACK,
        session_timeout_ms=task.session_ms,
        heartbeat_interval_ms=task.session_ms // 3,
    )
    async def classify(tweets: list[Tweet], message: KafkaMessage) -> list[KafkaPublishMessage]:
        predictions = cascade.predict([tweet.text for tweet in tweets]).predictions
        at = now()
        return [
            KafkaPublishMessage(label(tweet.id, prediction, cascade.version, record.timestamp, at), key=record.key)
            for tweet, prediction, record in zip(tweets, predictions, message.raw_message, strict=True)
        ]

    asyncio.run(FastStream(broker).run())


if __name__ == "__main__":
    main()
