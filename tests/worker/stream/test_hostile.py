"""Decoding of hostile records: bounded time, bounded dead-letter headers."""

import time

import pytest

from schemas import DeadLetter
from tests.helpers import record
from worker.stream.codec import decode

_MEGA = 1_000_000
HOSTILE = {
    "a number without end": b'{"text":"a","id":' + b"1" * _MEGA + b"}",
    "an exponent without end": b'{"text":"a","id":1e' + b"9" * _MEGA + b"}",
    "keys": b'{"text":"a","id":1,' + b",".join(b'"k%d":1' % n for n in range(_MEGA // 12)) + b"}",
    "one key": b'{"text":"a",' + b",".join([b'"id":1'] * (_MEGA // 7)) + b"}",
    "nested lists": b"[" * _MEGA,
    "nested objects": b'{"a":' * (_MEGA // 5),
    "escapes": b'{"id":1,"text":"' + b"\\ud83d\\ude00" * (_MEGA // 12) + b'"}',
    "blanks": b'{"id":1,"text":"' + b" " * _MEGA + b'"}',
    "an id": b'{"text":"a","id":"' + b"x" * _MEGA + b'"}',
    "a list": b'{"id":1,"text":[' + b"1," * (_MEGA // 2) + b"1]}",
    "no UTF-8": b"\xff" * _MEGA,
    "tags": b'{"account":1,"content":"' + b"<a " * (_MEGA // 3) + b'"}',
    "comments": b'{"account":1,"content":"' + b"<!--" * (_MEGA // 4) + b'"}',
    "envelopes": b'{"schema":1,"payload":' * (_MEGA // 22),
    "a text": b'{"id":1,"text":"' + b"x" * _MEGA + b'"}',
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_a_megabyte_takes_bounded_time_and_room(value: bytes) -> None:
    """A hostile record of a megabyte decodes in bounded time, and its dead letter is not much larger."""
    start = time.process_time()
    found = decode(record(value))
    assert time.process_time() - start < 1, "some 40 ms at most when this was written"
    if isinstance(found, DeadLetter):
        assert sum(len(name) + len(text) for name, text in found.headers()) < 10_000
