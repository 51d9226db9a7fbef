"""How many records fit into a transaction: learned from those that were aborted.

The broker aborts a transaction that stays open for longer than `--transaction-timeout`. Under a producer quota or on a
slow broker a full batch may never end in time: it would be aborted, polled and aborted again for ever. So an abort
halves the limit. It is doubled when a batch of its size takes so little of the time-out that twice the size takes at
most half of it, so that what was learned is not forgotten while the quota lasts.

With a time-out of 15 s and 1,000 records a second let through, batches of 20,000 are aborted once; 10,000 fit, and take
too long to try 20,000 again:

>>> size = TransactionSize(20_000, 15.0)
>>> size.aborted(20_000)
>>> size.committed(10_000, 10.0)
>>> size.limit
10000
>>> size.committed(10_000, 1.0)
>>> size.limit
20000
"""

_QUICK = 0.25  # of the time-out


class TransactionSize:
    """Limits the size of batches so that their transactions end in time.

    Args:
        most: records in a batch.
        timeout_s: the broker aborts a transaction that is open for longer.

    Attributes:
        limit: records that the next batch may have.

    """

    def __init__(self, most: int, timeout_s: float) -> None:
        self._most, self._timeout_s = most, timeout_s
        self.limit = most

    def aborted(self, records: int) -> None:
        """Learn from the transaction of a batch that was aborted."""
        self.limit = max(1, min(self.limit, records) // 2)

    def committed(self, records: int, seconds: float) -> None:
        """Learn from a transaction that was open for this long and then committed."""
        if records >= self.limit and seconds < _QUICK * self._timeout_s:
            self.limit = min(self._most, 2 * self.limit)
