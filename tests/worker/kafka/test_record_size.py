"""Records that are larger than may be."""

import pytest
from kafka.errors import MessageSizeTooLargeError, RecordListTooLargeError

from tests.helpers import dead_letter_of, record
from worker.errors import TooLargeError
from worker.kafka.record_size import check_sizes, refused, size_of
from worker.types import Message


def test_what_the_client_would_not_send_is_told_before_anything_is_sent() -> None:
    """The line names the record that cannot pass, its size, where it is to go, and the settings to raise."""
    fits = Message("out", b"k", b"v" * 100)
    letter = dead_letter_of(record(b"{" * 5000, offset=17, partition=2))
    check_sizes([fits, letter], size_of(letter))
    with pytest.raises(TooLargeError) as told:
        check_sizes([fits, letter], 5000)
    for part in ("tweets-2 at offset 17", f"{size_of(letter):,} bytes", "--max-request-size is 5,000", "topic dead"):
        assert part in str(told.value)


@pytest.mark.parametrize(
    ("error", "setting"),
    [(MessageSizeTooLargeError(), "max.message.bytes"), (RecordListTooLargeError(), "segment.bytes")],
)
def test_what_the_broker_refuses_is_the_largest(error: Exception, setting: str) -> None:
    """Records that share a batch with one that is too large fail with it, and are not to blame."""
    letters = [dead_letter_of(record(b"{" * n, offset=n)) for n in (5, 900, 7)]
    told = str(refused(letters, error))
    assert "tweets-0 at offset 900" in told
    assert f"{setting} above {size_of(letters[1]):,}" in told


def test_headers_count() -> None:
    """A broker counts them; a record of headers alone can be too large."""
    assert size_of(Message("t", None, b"", [("name", b"x" * 1000)])) > 1000
