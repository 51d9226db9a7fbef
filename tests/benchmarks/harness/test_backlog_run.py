"""The rate of a run over a backlog."""

from benchmarks.harness.backlog_run import rate_of


def test_a_rate_leaves_out_the_first_moment() -> None:
    """Records of the first millisecond were begun before it; counted, they would make a short run look fast."""
    assert rate_of([1000] * 500 + [1500] * 100 + [2000] * 100) == 200
    assert rate_of([2000, 1000, 1500]) == 2  # partitions are read one after the other
    assert rate_of([]) == rate_of([1000, 1000]) == 0
