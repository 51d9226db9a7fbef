"""Kafka connections of the worker: the only package that imports kafka-python."""

from worker.kafka.admin import create_topics, live_brokers
from worker.kafka.consumer import KafkaSource
from worker.kafka.exactly_once import ExactlyOnceSession
from worker.kafka.preflight import require_topics
from worker.kafka.producer import KafkaSink
from worker.kafka.reader import KafkaReader, TopicScan, last_records
from worker.kafka.replay_producer import ReplaySink, replayed_dead_letters

__all__ = [
    "ExactlyOnceSession",
    "KafkaReader",
    "KafkaSink",
    "KafkaSource",
    "ReplaySink",
    "TopicScan",
    "create_topics",
    "last_records",
    "live_brokers",
    "replayed_dead_letters",
    "require_topics",
]
