"""Size of a record before it is sent."""

from hypothesis import given
from hypothesis import strategies as st
from kafka import KafkaProducer
from kafka.record.default_records import DefaultRecordBatchBuilder

from worker.kafka.patches.record_size import estimate_size


def test_kafka_python_has_no_public_size_function() -> None:
    """Once the producer has one, `patches.record_size` can be deleted."""
    assert not [name for name in dir(KafkaProducer) if "size" in name and not name.startswith("_")]


@given(st.binary(max_size=50), st.binary(max_size=50), st.lists(st.tuples(st.text(max_size=9), st.binary(max_size=9))))
def test_the_estimate_is_an_upper_bound(key: bytes, value: bytes, headers: list[tuple[str, bytes]]) -> None:
    """A record within the limit by the estimate is within it on the wire."""
    builder = DefaultRecordBatchBuilder(2, 0, False, -1, -1, -1, 10**6)
    builder.append(0, 50, key, value, headers)
    assert len(builder.build()) <= estimate_size(key, value, headers)
