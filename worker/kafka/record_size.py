"""Records over a size limit: find the record and explain what to change."""

from collections.abc import Iterable

from kafka.errors import MessageSizeTooLargeError, RecordListTooLargeError

from worker.errors import TooLargeError
from worker.kafka.patches.record_size import estimate_size
from worker.types import Message

_OVERHEAD = 200  # bytes of a batch of one record without headers, generously
TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)


def size_of(message: Message) -> int:
    """Return an upper bound on the bytes of a batch with this one message."""
    return estimate_size(message.key, message.value, message.headers)


def _is_small(message: Message, limit: int) -> bool:
    """Return whether the message is certainly within the limit, without the microsecond that its size takes."""
    return not message.headers and len(message.value or b"") + len(message.key or b"") + _OVERHEAD < limit


def check_sizes(messages: Iterable[Message], limit: int) -> None:
    """Check that the client will send every message, before it sends any.

    Args:
        messages: to send.
        limit: bytes, --max-request-size.

    Raises:
        TooLargeError: a message exceeds the limit.

    """
    for message in messages:
        if not _is_small(message, limit) and (size := size_of(message)) > limit:
            raise TooLargeError(
                f"{_describe(message)} is {size:,} bytes, but --max-request-size is {limit:,}: raise it, and "
                f"max.message.bytes of topic {message.topic} with it{_CONSEQUENCE}"
            )


def refused(messages: Iterable[Message], error: Exception) -> TooLargeError:
    """Return the error for messages that the broker refused: the largest is the cause, the others share its batch."""
    message = max(messages, key=size_of)
    setting = "segment.bytes" if isinstance(error, RecordListTooLargeError) else "max.message.bytes"
    size = size_of(message)
    return TooLargeError(
        f"{_describe(message)} is {size:,} bytes, more than topic {message.topic} accepts: raise its setting "
        f"{setting} above {size:,}, with "
        f"kafka-configs.sh --alter --topic {message.topic} --add-config {setting}=...{_CONSEQUENCE}"
    )


_CONSEQUENCE = "; nothing of the batch is committed, and a restarted worker begins with it"


def _describe(message: Message) -> str:
    if message.origin is None:
        return "a record"
    origin = message.origin
    return f"the output for {origin.topic}-{origin.partition} at offset {origin.offset}"
