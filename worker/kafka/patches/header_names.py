"""Header names of any bytes.

Kafka takes them; kafka-python 3.0 reads names as strict UTF-8, and one that is none has each poll of its partition
raise CorruptRecordError for ever. A record with such a name is read once more here, by the same code on a buffer whose
text decodes with surrogateescape, so that every byte can be written again.
`tests/worker/kafka/patches/test_header_names.py` fails once kafka-python reads such names itself: this module can go
then.
"""

from typing import Any

from kafka.errors import CorruptRecordError
from kafka.record import memory_records
from kafka.record.default_records import DefaultRecordBatch


class HeaderName(str):
    """A name that was decoded with surrogateescape, and encodes to the bytes that it was."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "surrogateescape") -> bytes:
        """Return the bytes that it was."""
        return super().encode(encoding, errors)


def accept_any_header_name() -> None:
    """Have all of kafka-python's clients in this process read header names of any bytes."""
    memory_records.DefaultRecordBatch = LenientRecordBatch


class LenientRecordBatch(DefaultRecordBatch):  # type: ignore[misc] # kafka-python has no types
    """A batch whose records may have header names of any bytes; nothing else is let pass."""

    _buffer: bytearray

    def __next__(self) -> Any:  # noqa: ANN401 (kafka-python has no types)
        """Return the next record; a failed attempt has not moved on, so that it can be made again."""
        try:
            return super().__next__()
        except CorruptRecordError as error:
            if not isinstance(error.__context__, UnicodeDecodeError):
                raise
        self._buffer = _Buffer(self._buffer)
        return super().__next__()

    next = __next__


class _Buffer(bytearray):
    """Bytes whose parts are of this kind too, and decode as names."""

    def __getitem__(self, index: Any) -> Any:  # noqa: ANN401 (bytearray overloads it)
        found = super().__getitem__(index)
        return _Buffer(found) if isinstance(index, slice) else found

    def decode(self, _encoding: str = "utf-8", _errors: str = "strict") -> HeaderName:
        """Return a name."""
        return HeaderName(super().decode("utf-8", "surrogateescape"))
