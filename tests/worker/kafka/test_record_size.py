"""Records over a size limit."""

import pytest
from kafka.errors import MessageSizeTooLargeError, RecordListTooLargeError

from tests.helpers import dead_letter_of, record
from worker.errors import TooLargeError
from worker.kafka.record_size import check_sizes, refused, size_of
from worker.types import Message


def test_a_record_over_the_limit_is_reported_before_anything_is_sent() -> None:
    """The error names the input record, the size of its output, its topic, and the settings to raise."""
    fits = Message("out", b"k", b"v" * 100)
    letter = dead_letter_of(record(b"{" * 5000, offset=17, partition=2))
    check_sizes([fits, letter], size_of(letter))
    with pytest.raises(TooLargeError) as raised:
        check_sizes([fits, letter], 5000)
    for part in ("tweets-2 at offset 17", f"{size_of(letter):,} bytes", "--max-request-size is 5,000", "topic dead"):
        assert part in str(raised.value)


@pytest.mark.parametrize(
    ("error", "setting"),
    [(MessageSizeTooLargeError(), "max.message.bytes"), (RecordListTooLargeError(), "segment.bytes")],
)
def test_the_largest_of_the_refused_records_is_reported(error: Exception, setting: str) -> None:
    """Records that share a batch with one over the limit fail with it, but are not its cause."""
    letters = [dead_letter_of(record(b"{" * n, offset=n)) for n in (5, 900, 7)]
    message = str(refused(letters, error))
    assert "tweets-0 at offset 900" in message
    assert f"{setting} above {size_of(letters[1]):,}" in message


def test_headers_count() -> None:
    """The size of a record includes its headers, as the broker counts it."""
    assert size_of(Message("t", None, b"", [("name", b"x" * 1000)])) > 1000
