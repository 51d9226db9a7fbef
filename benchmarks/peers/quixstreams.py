"""Quix Streams, as in its documentation: a streaming dataframe with a function applied to each message.

All settings are its defaults: at-least-once delivery, a checkpoint every five seconds, its own JSON serializers.
"""

from typing import Any

from quixstreams import Application

from benchmarks.peers.contract import label, now, read_task
from worker.models import load_artifact


def main() -> None:
    """Label until stopped."""
    task = read_task()
    cascade = load_artifact(task.artifact).cascade
    app = Application(
        broker_address=task.servers,
        consumer_group=task.group,
        auto_offset_reset="earliest",
        consumer_extra_config={
            "session.timeout.ms": task.session_ms,
            "heartbeat.interval.ms": min(3_000, task.session_ms // 3),
        },
    )

    def classify(tweet: dict[str, Any], _key: object, timestamp: int, _headers: object) -> dict[str, Any]:
        [prediction] = cascade.predict([tweet["text"]]).predictions
        return label(tweet["id"], prediction, cascade.version, timestamp, now())

    tweets = app.topic(task.source, value_deserializer="json")
    labels = app.topic(task.target, value_serializer="json")
    app.dataframe(tweets).apply(classify, metadata=True).to_topic(labels)
    app.run()


if __name__ == "__main__":
    main()
