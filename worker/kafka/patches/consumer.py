"""Workaround for the group membership of kafka-python 3.0.12.

A group leader that joins before it knows the topic's partitions assigns none of them and does not correct that. The
fault depends on timing and no test shows it every time; `tests/kafka/test_lag.py` was the one that failed. Delete this
when that test passes twenty times in a row without it.
"""

from kafka import KafkaConsumer


def load_partitions(consumer: KafkaConsumer, topic: str) -> None:
    """Fetch the topic's partitions, so that the consumer knows them when it joins its group."""
    consumer.partitions_for_topic(topic)
