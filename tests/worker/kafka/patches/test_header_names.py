"""Header names of any bytes."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from kafka.errors import CorruptRecordError
from kafka.record import MemoryRecords
from kafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder

from schemas import DeadLetter
from tests.helpers import dead_letter_of, record
from worker.kafka.patches.header_names import HeaderName, LenientRecordBatch, accept_any_header_name

Headers = list[tuple[bytes, bytes | None]]
_BAD: Headers = [(b"fine", b"1"), (b"\xff\xfe", b"2"), (b"\xed\xa0\x80", None)]


def batch(*records: Headers) -> bytes:
    """Return a batch of records with these headers, as a broker sends it."""
    builder = DefaultRecordBatchBuilder(2, 0, False, -1, -1, -1, 10**6)
    for offset, headers in enumerate(records):
        builder.append(
            offset, 50, b"k", b"v", [(HeaderName(k.decode("utf-8", "surrogateescape")), v) for k, v in headers]
        )
    return bytes(builder.build())


def read(data: bytes) -> list[Headers]:
    """Return the headers of the records, the names encoded again as kafka-python does."""
    accept_any_header_name()
    [found] = MemoryRecords(data)
    return [[(name.encode("utf-8"), value) for name, value in r.headers] for r in found]


def test_kafka_python_does_not_read_such_names() -> None:
    """Once it reads them, `patches.header_names` can be deleted."""
    with pytest.raises(CorruptRecordError):
        list(DefaultRecordBatch(batch(_BAD)))


@given(st.lists(st.lists(st.tuples(st.binary(max_size=9), st.none() | st.binary(max_size=9))), min_size=1))
@example([[(b"a", b"1")], _BAD, [(b"b", None)]])
def test_any_name_is_read_as_it_was_written(records: list[Headers]) -> None:
    """No header name stops a partition, and none of its bytes is lost."""
    assert read(batch(*records)) == records


@pytest.mark.parametrize("cut", [1, 5, 20])
def test_a_damaged_record_is_rejected(cut: int) -> None:
    """Only header names are read leniently: damaged bytes are not read as a record."""
    whole = batch(_BAD)
    with pytest.raises(CorruptRecordError):
        list(LenientRecordBatch(whole[:-cut]))


def test_a_dead_letter_keeps_the_bytes_of_header_names() -> None:
    """A dead letter has the header names of its record, byte for byte."""
    accept_any_header_name()
    [found] = MemoryRecords(batch(_BAD))
    [consumed] = list(found)
    message = dead_letter_of(record(b"{", headers=consumed.headers))
    assert [name.encode("utf-8") for name, _ in message.headers[:3]] == [name for name, _ in _BAD]
    assert DeadLetter.from_headers(message.headers).topic == "tweets"
