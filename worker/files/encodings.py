"""Detection of a file's encoding."""

import codecs
import re
from typing import IO, NamedTuple

from worker.errors import SettingError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_HEAD = 4096  # bytes
_SAMPLE = 64 * 1024  # bytes of lines that are not UTF-8
_WESTERN = "cp1252"
_NEAR = 0.05  # of charset-normalizer's measure of chaos
_NOT_UTF8 = re.compile("[\udc80-\udcff]")


class Encoding(NamedTuple):
    """An encoding, and what to say of it."""

    codec: str
    remark: str = ""
    """Empty for UTF-8."""


def find_encoding(content: IO[bytes], chosen: str | None, *, guess: bool = True) -> Encoding:
    """Return the encoding of a file, by its byte order mark or its bytes; leave the file at its start.

    Bytes that are not UTF-8 in a file that is UTF-8 otherwise make bad rows; without such, the encoding is guessed.

    Args:
        content: the file.
        chosen: the user's choice; None detects.
        guess: whether it may be any encoding; JSON is in one of Unicode's.

    Raises:
        SettingError: there is no encoding of the chosen name.

    """
    if chosen is not None:
        return Encoding(_known(chosen))
    found = _by_mark(content.read(_HEAD))
    content.seek(0)
    if found is None:
        found = _by_bytes(content) if guess else Encoding("utf-8")
        content.seek(0)
    return found


def decode_error(text: str) -> str:
    """Return what is wrong with a decoded text; empty if nothing."""
    found = _NOT_UTF8.search(text)
    return f"byte 0x{ord(found[0]) - 0xDC00:02x} is not UTF-8" if found else ""


def _known(name: str) -> str:
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        raise SettingError(f"--encoding: {name!r} is not known; some are utf-8, cp1252, utf-16, shift_jis") from None
    return "utf-8-sig" if codec == "utf-8" else codec


def _by_mark(head: bytes) -> Encoding | None:
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return Encoding(codec, "" if codec == "utf-8-sig" else f"read as {codec.upper()}")
    zeros = [head[start::2].count(0) for start in (0, 1)]
    if sum(zeros) * 4 < len(head) or not head:
        return None
    codec = "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
    return Encoding(codec, f"read as {codec.upper()}")


def _by_bytes(content: IO[bytes]) -> Encoding:
    good = bad = 0
    sample = b""
    for line in content:
        if not line.isascii():
            text = line.decode("utf-8", "surrogateescape")
            wrong = len(_NOT_UTF8.findall(text))
            good, bad = good + sum(c > "\x7f" for c in text) - wrong, bad + wrong
            sample += line if wrong and len(sample) < _SAMPLE else b""
    return Encoding("utf-8") if good >= bad else _guess(sample)


def _guess(sample: bytes) -> Encoding:
    """Return the encoding that makes most sense of the lines; where several do, that of western Windows."""
    from charset_normalizer import from_bytes

    matches = from_bytes(sample)
    best = matches.best()
    near = [codec for m in matches if best and m.chaos <= best.chaos + _NEAR for codec in m.could_be_from_charset]
    codec = _WESTERN if best is None or _WESTERN in near else best.encoding
    shown = sample.decode(codec, "replace").split("\n")[0].strip()[:60]
    return Encoding(codec, f"not UTF-8, read as {codec}: {shown!r}; if that looks wrong, --encoding names another")
