"""kafka-python's clients, told to do better.

They say why a broker cannot be used: kafka-python tries again until its time is over, and then says no more than that.
And they lose no request of a transaction where a connection breaks.
"""

from typing import Any

from kafka.errors import (
    IllegalSaslStateError,
    KafkaConnectionError,
    KafkaTimeoutError,
    SaslAuthenticationFailedError,
    UnsupportedSaslMechanismError,
)
from kafka.future import Future
from kafka.net import KafkaConnectionManager, KafkaNetClient, NetworkSelector

_PAUSE_MS = 100  # kafka-python's own between two tries
REFUSALS = (SaslAuthenticationFailedError, UnsupportedSaslMechanismError, IllegalSaslStateError)
"""What no second try mends."""


class TellingManager(KafkaConnectionManager):  # type: ignore[misc] # kafka-python has no types
    """Makes the connections of a client; its first one fails at once where it is refused, and with the cause."""

    _failure: BaseException | None = None
    _started = False

    def get_connection(self, node_id: Any, **options: Any) -> Any:  # noqa: ANN401 (kafka-python's)
        """Return a connection to the node.

        Raises:
            KafkaError: the node has refused this client's first one.

        """
        first = not self._started and self.cluster.is_bootstrap(node_id)
        if first and isinstance(self._failure, REFUSALS):
            raise self._failure
        connection = super().get_connection(node_id, **options)
        if first:
            connection.init_future.add_errback(self._remember)
        return connection

    def bootstrap(self, timeout_ms: float | None = None, refresh: bool = True) -> None:
        """Connect, for the first time.

        Raises:
            KafkaTimeoutError: nothing answered in time; its cause is how the last try failed.
            KafkaError: a node refused.

        """
        try:
            super().bootstrap(timeout_ms, refresh)
        except KafkaTimeoutError as error:
            raise error from self._failure
        self._started = True  # from now on a refusal may pass, as that of a broker that starts anew

    def _remember(self, failure: BaseException) -> None:
        self._failure = failure


class TellingClient(KafkaNetClient):  # type: ignore[misc] # kafka-python has no types
    """Sends requests, and tells what sends those of transactions of failures in the ways that it can deal with."""

    def send(self, node_id: Any, request: Any, **options: Any) -> Future:  # noqa: ANN401 (kafka-python's)
        """Send a request; return its response to come.

        Of what may be tried again kafka-python 3.0.12 tries a transaction's requests again only where it is a broken
        connection; one whose answer does not come in time ends the producer for good.
        """
        told = Future()
        sent = super().send(node_id, request, **options)
        sent.add_callback(told.success)
        sent.add_errback(lambda error: told.failure(_as_broken_connection(error)))
        return told

    def await_ready(self, node_id: Any, timeout_ms: float = 30_000) -> bool:  # noqa: ANN401 (kafka-python's)
        """Tell whether requests can be sent to the node; wait for its connection until the time is over.

        Where it cannot be reached kafka-python 3.0.12 raises; its producer then forgets the request that it was about
        to send, and the commit waits for ever. Without a node to send to it also tries again without a pause.
        """
        try:
            return bool(super().await_ready(node_id, timeout_ms))
        except KafkaConnectionError:
            self.poll(timeout_ms=_PAUSE_MS)
            return False


def _as_broken_connection(error: BaseException) -> BaseException:
    return KafkaConnectionError(str(error)) if getattr(error, "retriable", False) else error


def telling_client(**config: Any) -> TellingClient:  # noqa: ANN401 (kafka-python's)
    """Return what kafka-python calls a client, with a manager that tells."""
    net = NetworkSelector(**config)
    return TellingClient(net, TellingManager(net, **config))
