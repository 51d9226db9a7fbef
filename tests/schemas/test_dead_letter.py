"""The contract of the dead-letter topic."""

from hypothesis import given
from hypothesis import strategies as st

from schemas import DeadLetter, Reason

letters = st.builds(
    DeadLetter,
    reason=st.sampled_from(Reason),
    error=st.text(),
    exception=st.text(),
    topic=st.text(),
    partition=st.integers(0, 2**31 - 1),
    offset=st.integers(0, 2**63 - 1),
    timestamp=st.integers(-1, 2**63 - 1),
)


@given(letters)
def test_headers_round_trip(letter: DeadLetter) -> None:
    """Whoever replays dead letters reads back just what was written."""
    assert DeadLetter.from_headers(letter.headers()) == letter


@given(letters, st.lists(st.tuples(st.text(), st.binary() | st.none())))
def test_original_headers_are_kept(letter: DeadLetter, original: list[tuple[str, bytes | None]]) -> None:
    """The record's own headers, trace ids say, survive in order; Kafka's client takes no null as a value."""
    kept = letter.headers(original)[: len(original)]
    assert kept == [(name, value or b"") for name, value in original]


@given(letters, letters)
def test_a_record_that_fails_again_tells_of_the_last_time(first: DeadLetter, second: DeadLetter) -> None:
    """A replayed dead letter that is still bad does not carry two reasons."""
    headers = second.headers(first.headers())
    assert DeadLetter.from_headers(headers) == second
    assert len(headers) == len({name for name, _ in headers})


def test_names_follow_kafka_streams() -> None:
    """Tools that show Kafka Streams' dead letters (KIP-1034) show ours."""
    names = {name for name, _ in DeadLetter.model_construct(reason=Reason.NO_VALUE, error="", exception="", topic="t",
                                                            partition=0, offset=0, timestamp=0).headers()}  # fmt: skip
    assert {f"__streams.errors.{name}" for name in ("exception", "message", "topic", "partition", "offset")} < names
