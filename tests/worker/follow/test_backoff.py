"""Pauses between attempts."""

from worker.follow.backoff import Backoff


def test_pauses_double_up_to_the_longest_with_jitter() -> None:
    """A server that comes back is not met by all its clients at once."""
    backoff = Backoff(1, 8)
    for whole in (1, 2, 4, 8, 8, 8):
        assert whole / 2 <= backoff.next() <= whole
    backoff.reset()
    assert backoff.next() <= 1
