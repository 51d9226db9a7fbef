"""Workarounds for the consumer of kafka-python 3.0.12.

`load_partitions`: a group leader that joins before it knows the topic's partitions assigns none of them and does not
correct that. The fault depends on timing and no test shows it every time; `tests/kafka/test_lag.py` was the one that
failed. Delete this when that test passes twenty times in a row without it.

`committed_offsets`: `KafkaConsumer.committed` asks for one partition a request. Delete this when it takes several.

`watch_stable_offsets`: a fetch tells the last stable offset of a partition, the end of what a consumer of committed
records can read; kafka-python drops it. Delete this when `KafkaConsumer.highwater` has a sibling that returns it.

`buffered_partitions`: no public function tells which records are fetched and not yet polled.

`missing_topics`: `KafkaConsumer.partitions_for_topic` waits for the broker if a topic is not in its cache, and there is
no public function that reads the cache alone.

`positions_of`: `KafkaConsumer.position` returns one position without its leader epoch, and may wait for the broker.
"""

from collections.abc import Iterable, Mapping, Sequence

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.consumer.fetcher import CompletedFetch


def load_partitions(consumer: KafkaConsumer, topics: Iterable[str]) -> None:
    """Fetch the topics' partitions, so that the consumer knows them when it joins its group."""
    for topic in topics:
        consumer.partitions_for_topic(topic)


def committed_offsets(
    consumer: KafkaConsumer, partitions: Sequence[TopicPartition], timeout_ms: int
) -> Mapping[TopicPartition, OffsetAndMetadata]:
    """Return the group's committed offsets, without the partitions that have none, in one request.

    Raises:
        KafkaError: the coordinator refuses, or does not answer in time.

    """
    found: Mapping[TopicPartition, OffsetAndMetadata] = consumer._coordinator.fetch_committed_offsets(
        list(partitions), timeout_ms
    )
    return {tp: committed for tp, committed in found.items() if committed.offset >= 0}


def positions_of(consumer: KafkaConsumer) -> Mapping[TopicPartition, OffsetAndMetadata]:
    """Return the position in each assigned partition that has one, without a request."""
    positions: Mapping[TopicPartition, OffsetAndMetadata] = consumer._subscription.all_consumed_offsets()
    return positions


def watch_stable_offsets(consumer: KafkaConsumer) -> Mapping[TopicPartition, int]:
    """Return the last stable offsets, which every fetch from now on updates; a broker before 0.11 tells none."""
    found: dict[TopicPartition, int] = {}
    parse = consumer._fetcher._parse_fetched_data

    def parse_and_note(fetch: CompletedFetch) -> object:
        if (stable := fetch.partition_data.last_stable_offset) is not None and stable >= 0:
            found[fetch.topic_partition] = stable
        return parse(fetch)

    consumer._fetcher._parse_fetched_data = parse_and_note
    return found


def buffered_partitions(consumer: KafkaConsumer) -> set[TopicPartition]:
    """Return the partitions of records that are fetched and wait for a later poll."""
    fetcher = consumer._fetcher
    found = {fetch.topic_partition for fetch in fetcher._completed_fetches.copy() if fetch.partition_data.records}
    current = fetcher._next_partition_records
    return found | {current.topic_partition} if current else found


def missing_topics(consumer: KafkaConsumer) -> list[str]:
    """Return the subscribed topics that do not exist, as of the latest metadata."""
    known = consumer._cluster.partitions_for_topic
    return sorted(topic for topic in consumer.subscription() or () if known(topic) is None)
