"""The circuit breaker."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers import cascade, record
from tests.worker.stream.test_classify import NOW
from worker.errors import CircuitBreakerError
from worker.stream.circuit_breaker import CircuitBreaker, bad_flags
from worker.stream.classify import classify_batch

flags = st.lists(st.booleans(), max_size=12)


def trips(breaker: CircuitBreaker, batch: list[bool]) -> bool:
    """Return whether the breaker trips at a batch; count the batch otherwise."""
    try:
        breaker.check(batch)
    except CircuitBreakerError:
        return True
    breaker.count(batch)
    return False


@given(st.lists(flags), st.integers(1, 6))
def test_a_run_is_found_wherever_batches_end(batches: list[list[bool]], longest: int) -> None:
    """A run is found regardless of where its batches end."""
    breaker = CircuitBreaker(max_run=longest)
    whole = "".join("x" if flag else "." for batch in batches for flag in batch)
    assert any(trips(breaker, batch) for batch in batches) == ("x" * (longest + 1) in whole)


@given(st.lists(flags), st.integers(1, 20), st.floats(0, 1))
def test_the_share_is_that_of_the_last_records(batches: list[list[bool]], window: int, share: float) -> None:
    """The share is computed over exactly the last `window` records, and only once there are so many."""
    breaker, seen = CircuitBreaker(share, window), list[bool]()
    for batch in batches:
        seen += batch
        full = len(seen) >= window
        too_many = full and sum(seen[-window:]) > share * window
        assert trips(breaker, batch) == too_many
        if too_many:
            break
        assert breaker.share == pytest.approx(sum(seen[-window:]) / max(1, len(seen[-window:])))


def test_by_default_it_lets_everything_pass() -> None:
    """Both limits can be switched off."""
    assert not trips(CircuitBreaker(1.0, 10, 0), [True] * 100)


def test_flags_are_in_the_order_of_the_records() -> None:
    """Flags follow the order of the records, so that a run is one on the topic."""
    records = [record(b"", 0), record(offset=1), record(b"", 1, partition=1), record(offset=2)]
    assert bad_flags(records, classify_batch(records, cascade(), NOW)) == [True, False, True, False]
