"""Workarounds for the transactions of kafka-python 3.0.12.

* Its requests have no time-out: `within` limits the wait.
* After a failed request every call raises a plain `KafkaError` whose text quotes the first error: `is_caused_by` finds
  it there.
* An aborted transaction keeps the offsets that the broker refused and sends them with the next transaction; once that
  one is committed, the aborted batch is skipped: `discard_refused_offsets` replaces the producer.

`tests/worker/kafka/patches/test_transactions.py` says when each of them can be deleted; on a real broker
`tests/kafka/test_transactions.py` shows the skipped batch.
"""

import threading
from collections.abc import Callable

from worker.errors import DeliveryError


def within(seconds: float, call: Callable[[], object]) -> None:
    """Call a method of the producer in a thread and wait for it; raise what it raises.

    Raises:
        DeliveryError: it did not return in time; the broker aborts the open transaction after its own time-out.

    """
    raised: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except BaseException as error:  # re-raised by the waiting thread
            raised.append(error)

    thread = threading.Thread(target=run, name="transaction", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise DeliveryError(f"the broker did not answer a transaction request within {seconds:g} s")
    if raised:
        raise raised[0]


def is_caused_by(error: BaseException | None, kinds: tuple[type[BaseException], ...]) -> bool:
    """Return whether the error is of one of the kinds or quotes the name of one."""
    return isinstance(error, kinds) or any(kind.__name__ in str(error) for kind in kinds)


def discard_refused_offsets(reconnect: Callable[[], None]) -> None:
    """Discard the offsets of an aborted transaction, by replacing the producer that would send them again."""
    reconnect()
