"""Kafka; the only package that knows kafka-python."""

from worker.connectors.reader import KafkaReader, TopicScan
from worker.connectors.replay import ReplaySink, replayed_letters
from worker.connectors.sink import KafkaSink
from worker.connectors.source import KafkaSource
from worker.connectors.topics import create_topics, live_brokers, require_topics
from worker.connectors.transactions import TransactionalSink, TransactionalSource

__all__ = [
    "KafkaReader",
    "KafkaSink",
    "KafkaSource",
    "ReplaySink",
    "TopicScan",
    "TransactionalSink",
    "TransactionalSource",
    "create_topics",
    "live_brokers",
    "replayed_letters",
    "require_topics",
]
