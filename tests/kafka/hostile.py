"""Records that are no tweets, made by hypothesis: the same ones each time."""

import json
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from schemas import MAX_TEXT_CHARS
from tests.helpers import tweet

T = TypeVar("T")

_TEXTS = st.text(min_size=1, max_size=80).map(lambda text: text + "!")
_WHOLE = _TEXTS.map(lambda text: json.dumps({"id": 1, "text": text}, ensure_ascii=False).encode())
_NO_TEXTS = st.none() | st.booleans() | st.integers() | st.lists(st.text()) | st.dictionaries(st.text(), st.text())
_NO_IDS = st.none() | st.floats(allow_nan=False) | st.lists(st.integers()) | st.just("") | st.just(2**63)


_BYTES = st.binary(max_size=300)
_TRUNCATED = st.builds(lambda whole, cut: whole[: cut % len(whole)], _WHOLE, st.integers(0, 500))
_BROKEN_UTF8 = _WHOLE.map(lambda value: value[:-2] + b"\xff" + value[-2:])
_NESTED = st.builds(lambda start, depth: start * depth, st.sampled_from([b"[", b'{"text":']), st.integers(1, 50_000))
_HUGE = st.integers(MAX_TEXT_CHARS + 1, 200_000).map(lambda length: tweet(2, "x" * length))
_BLANK = st.text(" \t\r\n\u2003").map(lambda text: tweet(3, text))
_WRONG_TEXT = _NO_TEXTS.map(lambda text: json.dumps({"id": 4, "text": text}).encode())
_WRONG_ID = _NO_IDS.map(lambda id_: json.dumps({"id": id_, "text": "fire"}).encode())
_NO_OBJECT = (_NO_TEXTS.filter(lambda value: not isinstance(value, dict)) | st.text()).map(
    lambda value: json.dumps(value).encode()
)
_LONE_SURROGATE = st.integers(0xD800, 0xDFFF).map(lambda code: b'{"id": 5, "text": "\\u%04x"}' % code)

_BAD = st.one_of(
    _BYTES, _TRUNCATED, _BROKEN_UTF8, _NESTED, _HUGE, _BLANK, _WRONG_TEXT, _WRONG_ID, _NO_OBJECT, _LONE_SURROGATE
)


def bad_values(count: int) -> list[bytes]:
    """Return as many values none of which is a tweet."""
    return _examples(_BAD, count)


def strange_texts(count: int) -> list[str]:
    """Return as many texts of any characters, NUL, right-to-left and astral ones too, that are to be labelled."""
    return _examples(_TEXTS, count)


def _examples(strategy: st.SearchStrategy[T], count: int) -> list[T]:
    found: list[T] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def keep(value: T) -> None:
        found.append(value)

    keep()
    return found
