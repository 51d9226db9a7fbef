"""Workarounds for the connections and requests of kafka-python 3.0.12.

* A first connection that the broker refuses is retried until the time-out, and the cause is lost:
  `FailFastConnectionManager` raises a refusal at once, of a controller's port too, and chains the last failure to a
  time-out.
* A client asks only the brokers that it knows for their addresses, so it never finds one that came back under another
  address: `FailFastConnectionManager` asks `--bootstrap-servers` again after requests have failed for 10 seconds.
* The producer retries a transaction's request only after a broken connection, and loses the request if there is no
  connection to begin with: `RetryingClient` reports both cases in the way that the producer handles.

`tests/worker/kafka/patches/test_client.py` and `test_rebootstrap.py` say when each can be deleted. On a real broker:
`tests/kafka/test_security.py` (refusals), `tests/kafka/test_transactions.py` and `tests/kafka/faults/test_network.py`
(requests).
"""

import time

from kafka import KafkaAdminClient, KafkaConsumer
from kafka.errors import (
    IllegalSaslStateError,
    IncompatibleBrokerVersion,
    KafkaConnectionError,
    KafkaTimeoutError,
    SaslAuthenticationFailedError,
    UnsupportedSaslMechanismError,
)
from kafka.future import Future
from kafka.net import KafkaConnectionManager, KafkaNetClient, NetworkSelector
from kafka.net.connection import KafkaConnection

_PAUSE_MS = 100  # kafka-python's own between two attempts
_SILENCE_S = 10.0  # longer than an election of leaders takes
REFUSALS = (SaslAuthenticationFailedError, UnsupportedSaslMechanismError, IllegalSaslStateError)
"""Errors that another attempt does not solve."""
NodeId = int | str
"""A broker's number, or bootstrap-N for an address from the settings."""


class FailFastConnectionManager(KafkaConnectionManager):  # type: ignore[misc] # kafka-python has no types
    """Connections of a client; the first one fails at once if it is refused, and with the cause.

    Later ones ask the bootstrap servers again where no known broker has answered for a while.
    """

    _failure: BaseException | None = None
    _started = False
    _failing_since: float | None = None
    _asked_at = 0.0

    def __init__(self, *arguments: object, **config: object) -> None:
        super().__init__(*arguments, **config)
        self._controllers: set[NodeId | None] = set()

    def get_connection(self, node_id: NodeId, **options: object) -> KafkaConnection:
        """Return a connection to the node.

        Raises:
            KafkaError: the node has refused this client's first connection.

        """
        first = not self._started and self.cluster.is_bootstrap(node_id)
        if first and self._failure and (isinstance(self._failure, REFUSALS) or self._has_only_controllers()):
            raise self._failure
        connection = super().get_connection(node_id, **options)
        if first:
            connection.init_future.add_errback(self._remember)
        elif not self.cluster.is_bootstrap(node_id):
            connection.init_future.add_errback(self._failed)
        return connection

    def send(self, request: object, node_id: NodeId | None = None, request_timeout_ms: float | None = None) -> Future:
        """Send a request; return the future response."""
        sent = super().send(request, node_id, request_timeout_ms)
        if not self.cluster.is_bootstrap(node_id):
            sent.add_callback(self._answered)
            sent.add_errback(self._failed)
        elif not self._started:
            sent.add_errback(lambda error: self._remember_answer(node_id, error))
        return sent

    def _remember_answer(self, node_id: NodeId | None, failure: BaseException) -> None:
        """Remember a failed request for metadata, which a controller does not know."""
        self._failure = failure
        if isinstance(failure, IncompatibleBrokerVersion):
            self._controllers.add(node_id)

    def _has_only_controllers(self) -> bool:
        return self._controllers >= {broker.node_id for broker in self.cluster.bootstrap_brokers()}

    def _answered(self, _response: object) -> None:
        self._failing_since = None

    def _failed(self, _error: BaseException) -> None:
        """Ask the bootstrap servers if all requests have failed for a while."""
        now = time.monotonic()
        if self._failing_since is None:
            self._failing_since = self._asked_at = now
        elif now - self._asked_at > _SILENCE_S and self._started:
            self._asked_at = now
            self.bootstrap_async(_SILENCE_S * 1000)

    def silent_s(self) -> float:
        """Return for how many seconds all requests have failed; 0 if the last one was answered."""
        since = self._failing_since
        return time.monotonic() - since if since is not None else 0.0

    def bootstrap(self, timeout_ms: float | None = None, refresh: bool = True) -> None:
        """Connect for the first time.

        Raises:
            KafkaTimeoutError: no broker answered in time; its cause is the failure of the last attempt.
            KafkaError: a broker refused the connection.

        """
        try:
            super().bootstrap(timeout_ms, refresh)
        except KafkaTimeoutError as error:
            raise error from self._failure
        self._started = True  # a later refusal may be temporary, as while a broker restarts

    def _remember(self, failure: BaseException) -> None:
        self._failure = failure


class RetryingClient(KafkaNetClient):  # type: ignore[misc] # kafka-python has no types
    """Sends requests; reports every temporary failure so that the producer retries a transaction's request."""

    def send(self, node_id: NodeId, request: object, **options: object) -> Future:
        """Send a request; return the future response, which fails with a broken connection if a retry may help.

        kafka-python ends the producer for good if the answer to a transaction's request does not arrive in time.
        """
        reported = Future()
        sent = super().send(node_id, request, **options)
        sent.add_callback(reported.success)
        sent.add_errback(lambda error: reported.failure(_as_broken_connection(error)))
        return reported

    def await_ready(self, node_id: NodeId, timeout_ms: float = 30_000) -> bool:
        """Wait for a connection to the node; return whether requests can be sent to it.

        kafka-python raises if the node is unreachable; its producer then forgets the request that it was about to send,
        and the commit waits forever. It also retries without a pause.
        """
        try:
            return bool(super().await_ready(node_id, timeout_ms))
        except KafkaConnectionError:
            self.poll(timeout_ms=_PAUSE_MS)
            return False


def _as_broken_connection(error: BaseException) -> BaseException:
    return KafkaConnectionError(str(error)) if getattr(error, "retriable", False) else error


def new_client(**config: object) -> RetryingClient:
    """Return a client with both workarounds; kafka-python's setting `kafka_client` takes this function."""
    net = NetworkSelector(**config)
    return RetryingClient(net, FailFastConnectionManager(net, **config))


def silent_s(consumer: KafkaConsumer) -> float:
    """Return for how many seconds no broker has answered the consumer; 0 if its last request was answered."""
    return float(consumer._manager.silent_s())


def known_brokers(admin: KafkaAdminClient) -> list[tuple[str, int]]:
    """Return host and port of each broker, as the brokers advertise them."""
    return [(broker.host, broker.port) for broker in admin._manager.cluster.brokers()]
