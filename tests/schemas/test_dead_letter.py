"""Headers of dead letters."""

from hypothesis import given
from hypothesis import strategies as st

from schemas import DeadLetter, Reason

dead_letters = st.builds(
    DeadLetter,
    reason=st.sampled_from(Reason),
    error=st.text(),
    exception=st.text(),
    topic=st.text(),
    partition=st.integers(0, 2**31 - 1),
    offset=st.integers(0, 2**63 - 1),
    timestamp=st.integers(-1, 2**63 - 1),
)


@given(dead_letters)
def test_headers_round_trip(dead_letter: DeadLetter) -> None:
    """A replay reads back the headers that the worker wrote."""
    assert DeadLetter.from_headers(dead_letter.headers()) == dead_letter


@given(dead_letters, st.lists(st.tuples(st.text(), st.binary() | st.none())))
def test_original_headers_are_kept(dead_letter: DeadLetter, original: list[tuple[str, bytes | None]]) -> None:
    """The record's own headers, such as trace ids, keep their order; a null value becomes an empty one."""
    kept = dead_letter.headers(original)[: len(original)]
    assert kept == [(name, value or b"") for name, value in original]


@given(dead_letters, dead_letters)
def test_a_record_that_is_bad_again_has_the_last_reason(first: DeadLetter, second: DeadLetter) -> None:
    """The dead letter of a replayed record has one reason, not two."""
    headers = second.headers(first.headers())
    assert DeadLetter.from_headers(headers) == second
    assert len(headers) == len({name for name, _ in headers})


def test_names_follow_kafka_streams() -> None:
    """Tools for Kafka Streams' dead letters (KIP-1034) work with ours."""
    names = {name for name, _ in DeadLetter.model_construct(reason=Reason.NO_VALUE, error="", exception="", topic="t",
                                                            partition=0, offset=0, timestamp=0).headers()}  # fmt: skip
    assert {f"__streams.errors.{name}" for name in ("exception", "message", "topic", "partition", "offset")} < names
