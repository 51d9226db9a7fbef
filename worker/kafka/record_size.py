"""Records that are larger than may be: which one it is, and what to raise."""

from collections.abc import Iterable

from kafka.errors import MessageSizeTooLargeError, RecordListTooLargeError
from kafka.record.default_records import DefaultRecordBatchBuilder

from worker.errors import TooLargeError
from worker.types import Message

_FRAME = 200  # bytes of a batch of one record without headers, and some to spare
TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)


def size_of(message: Message) -> int:
    """Return how many bytes the message is alone in a batch: an upper bound, as kafka-python reckons it."""
    return int(DefaultRecordBatchBuilder.estimate_size_in_bytes(message.key, message.value, message.headers))


def _is_small(message: Message, largest: int) -> bool:
    """Tell without reckoning, which takes a microsecond, where there is no doubt."""
    return not message.headers and len(message.value or b"") + len(message.key or b"") + _FRAME < largest


def check_sizes(messages: Iterable[Message], largest: int) -> None:
    """Check that the client will send each of the messages, before it sends any.

    Raises:
        TooLargeError: it will not send one.

    """
    for message in messages:
        if not _is_small(message, largest) and (size := size_of(message)) > largest:
            raise TooLargeError(
                f"{_what(message)} is {size:,} bytes and --max-request-size is {largest:,}: raise it, and "
                f"max.message.bytes of topic {message.topic} with it{_ADVICE}"
            )


def refused(messages: Iterable[Message], error: Exception) -> TooLargeError:
    """Return the error for messages one of which the broker refused: the largest, for the others fail along with it."""
    message = max(messages, key=size_of)
    setting = "segment.bytes" if isinstance(error, RecordListTooLargeError) else "max.message.bytes"
    size = size_of(message)
    return TooLargeError(
        f"{_what(message)} is {size:,} bytes, more than topic {message.topic} takes: raise its setting {setting} above "
        f"{size:,}, with kafka-configs.sh --alter --topic {message.topic} --add-config {setting}=...{_ADVICE}"
    )


_ADVICE = "; nothing of the batch is committed, and it comes first when this is started again"


def _what(message: Message) -> str:
    if message.origin is None:
        return "a record"
    origin = message.origin
    return f"what is made of {origin.topic}-{origin.partition} at offset {origin.offset}"
