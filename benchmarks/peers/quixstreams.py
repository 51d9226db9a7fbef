"""Quix Streams, as its documentation writes an application: a streaming dataframe, a function applied to each message.

Defaults throughout: at least once, a checkpoint each five seconds, JSON by its own serialisers.
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
        consumer_extra_config={"session.timeout.ms": task.session_ms},
    )

    def classify(tweet: dict[str, Any], _key: object, timestamp: int, _headers: object) -> dict[str, Any]:
        [said] = cascade.predict([tweet["text"]]).predictions
        return label(tweet["id"], said, cascade.version, timestamp, now())

    tweets = app.topic(task.source, value_deserializer="json")
    labels = app.topic(task.target, value_serializer="json")
    app.dataframe(tweets).apply(classify, metadata=True).to_topic(labels)
    app.run()


if __name__ == "__main__":
    main()
