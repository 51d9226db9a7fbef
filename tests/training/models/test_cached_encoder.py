"""The cache of the sentence encoder's vectors."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.training.models.fakes import RecordingEncoder
from training.models.cached_encoder import CachedEncoder
from worker.models.use import UseEncoder


def test_each_text_is_encoded_once(use_encoder: UseEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cross-validation does not encode a text five times, except to measure the time it takes."""
    asked: list[str] = []

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        asked.extend(texts)
        return UseEncoder.encode(use_encoder, texts)

    monkeypatch.setattr(use_encoder, "encode", encode)
    cached, done = CachedEncoder(use_encoder), list[int]()
    cached.encode(["a", "b", "a"], advance=done.append)
    cached.encode(["b", "c"])
    assert asked == ["a", "b", "c"]
    assert sum(done) == 3
    with cached.bypassed():
        cached.encode(["a"])
    cached.encode(["a"])
    assert asked == ["a", "b", "c", "a"], "a benchmark measures the encoder, not the cache"


def test_another_encoder_can_take_its_place_for_a_while() -> None:
    """Models on it can be compared on the vectors of another type; afterwards it has its own vectors again."""
    own, other = RecordingEncoder(), RecordingEncoder()
    cached = CachedEncoder(own)
    cached.encode(["a"])
    with cached.replaced_by(other):
        cached.encode(["a", "b"])
    cached.encode(["a", "c"])
    assert (own.asked, other.asked) == (["a", "c"], ["a", "b"])


def test_a_check_that_raises_ends_the_encoding() -> None:
    """A cancelled training stops after the current chunk of texts; what is encoded stays in the cache."""
    encoder, texts, done = RecordingEncoder(), [str(n) for n in range(1100)], list[int]()

    def check() -> None:
        if sum(done) == 512:
            raise KeyboardInterrupt

    cached = CachedEncoder(encoder)
    with pytest.raises(KeyboardInterrupt):
        cached.encode(texts, advance=done.append, check=check)
    assert encoder.asked == texts[:512]
    cached.encode(texts)
    assert encoder.asked == texts
