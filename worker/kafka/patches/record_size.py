"""Workaround for a missing function of kafka-python 3.0.12.

`KafkaProducer.send` refuses a record over max_request_size, but by then the records before it are sent; there is no
public function that measures a record beforehand. This one calls the internal function that `send` uses.
`tests/worker/kafka/patches/test_record_size.py` says when it can be deleted.
"""

from collections.abc import Sequence

from kafka.record.default_records import DefaultRecordBatchBuilder


def estimate_size(key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes]]) -> int:
    """Return an upper bound on the bytes of a batch with this one record, about a microsecond's work."""
    return int(DefaultRecordBatchBuilder.estimate_size_in_bytes(key, value, headers))
