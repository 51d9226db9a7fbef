"""Workaround for header names that kafka-python 3.0.12 cannot read.

Kafka allows any bytes in a header name; kafka-python decodes names as strict UTF-8, and a record with another name
makes every poll of its partition raise `CorruptRecordError`. Such a record is read again here, by the same code on a
buffer whose text decodes with surrogateescape, so that the bytes can be written again unchanged.
`tests/worker/kafka/patches/test_header_names.py` says when this can be deleted.
"""

from functools import cached_property
from typing import SupportsIndex, overload

from kafka.errors import CorruptRecordError
from kafka.record import memory_records
from kafka.record.default_records import DefaultRecord, DefaultRecordBatch


class HeaderName(str):
    """A name decoded with surrogateescape; it encodes to its original bytes."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "surrogateescape") -> bytes:
        """Return the original bytes."""
        return super().encode(encoding, errors)


def accept_any_header_name() -> None:
    """Let every consumer of this process read header names of any bytes."""
    memory_records.DefaultRecordBatch = LenientRecordBatch


class LenientRecordBatch(DefaultRecordBatch):  # type: ignore[misc] # kafka-python has no types
    """A batch whose records may have header names of any bytes; everything else is checked as before."""

    _buffer: bytearray

    @cached_property
    def timestamp_type(self) -> int:
        """Type of the timestamps, looked up once a batch: kafka-python does it for each record, half a microsecond."""
        return int(super().timestamp_type)

    @cached_property
    def is_control_batch(self) -> bool:
        """Whether it ends a transaction; as `timestamp_type`."""
        return bool(super().is_control_batch)

    def __next__(self) -> DefaultRecord:
        """Return the next record; a failed read does not advance, so it can be repeated."""
        try:
            return super().__next__()
        except CorruptRecordError as error:
            if not isinstance(error.__context__, UnicodeDecodeError):
                raise
        self._buffer = _Buffer(self._buffer)
        return super().__next__()

    next = __next__


class _Buffer(bytearray):
    """Bytes that decode as header names; so do their slices."""

    @overload
    def __getitem__(self, index: SupportsIndex) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> "_Buffer": ...
    def __getitem__(self, index: SupportsIndex | slice) -> "int | _Buffer":
        found = super().__getitem__(index)
        return found if isinstance(found, int) else _Buffer(found)

    def decode(self, _encoding: str = "utf-8", _errors: str = "strict") -> HeaderName:
        """Return a name."""
        return HeaderName(super().decode("utf-8", "surrogateescape"))
