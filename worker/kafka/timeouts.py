"""How long to wait, where kafka-python would wait longer."""

import threading
from collections.abc import Callable

from worker.errors import DeliveryError

RECONNECT_MS = 1_000
"""The longest pause between two tries to reach a broker: Kafka's own; kafka-python's can outlast a session."""


def within(seconds: float, call: Callable[[], object]) -> None:
    """Make a call of kafka-python's that has no time-out of its own; what it raises is raised.

    Raises:
        DeliveryError: it did not return in time; the broker aborts what is open once its own time-out is over.

    """
    raised: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except BaseException as error:  # the waiting thread raises it
            raised.append(error)

    thread = threading.Thread(target=run, name="transaction", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise DeliveryError(f"the broker did not answer a transaction's request within {seconds:g} s")
    if raised:
        raise raised[0]
