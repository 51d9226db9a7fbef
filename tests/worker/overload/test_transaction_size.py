"""The size of a batch that fits into a transaction."""

from hypothesis import given
from hypothesis import strategies as st

from worker.overload.transaction_size import TransactionSize

TIMEOUT_S = 3.0


def after(size: TransactionSize, rate: float, batches: int) -> list[bool]:
    """Deliver full batches at a rate in records a second; return which were committed."""
    committed = []
    for _ in range(batches):
        seconds, records = size.limit / rate, size.limit
        committed.append(seconds <= TIMEOUT_S)
        if committed[-1]:
            size.committed(records, seconds)
        else:
            size.aborted(records)
    return committed


@given(st.integers(1, 100_000), st.floats(0.5, 1e6))
def test_the_work_proceeds_at_any_rate(most: int, rate: float) -> None:
    """Whatever the quota lets through, a size that fits is found, and from then on no batch is aborted."""
    size = TransactionSize(most, TIMEOUT_S)
    committed = after(size, rate, 60)
    assert all(committed[committed.index(True) :])
    assert committed.index(True) < 20
    assert size.limit / rate <= TIMEOUT_S


@given(st.integers(1, 100_000))
def test_the_limit_returns_once_the_quota_is_lifted(most: int) -> None:
    """After the quota is lifted, batches are as large as before."""
    size = TransactionSize(most, TIMEOUT_S)
    after(size, 1.0, 40)
    after(size, 1e9, 40)
    assert size.limit == most


def test_smaller_batches_than_allowed_do_not_raise_the_limit() -> None:
    """Quick batches of an idle stream say nothing about large ones."""
    size = TransactionSize(1000, TIMEOUT_S)
    size.aborted(1000)
    size.committed(3, 0.01)
    assert size.limit == 500
