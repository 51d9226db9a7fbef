"""Failing first connections and the requests of transactions, without a broker."""

import socket
from types import SimpleNamespace

import pytest
from kafka.errors import (
    IncompatibleBrokerVersion,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    NodeNotReadyError,
    RequestTimedOutError,
    TransactionalIdAuthorizationFailedError,
)
from kafka.future import Future
from kafka.net import KafkaConnectionManager, NetworkSelector
from kafka.producer.sender import Sender
from kafka.producer.transaction_manager import InitProducerIdHandler, TransactionManager

from worker.kafka.patches.client import FailFastConnectionManager, RetryingClient


class Manager:
    """A connection manager whose requests all fail."""

    def __init__(self, error: KafkaError) -> None:
        self.error = error

    def send(self, request: object, node_id: int) -> Future:
        """Fail."""
        return Future().failure(self.error)


def cause_of_timeout(kind: type[KafkaConnectionManager]) -> BaseException | None:
    """Return the cause of the time-out when nothing listens at the broker's address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    manager = kind(NetworkSelector(), bootstrap_servers=[address])
    try:
        manager.bootstrap(timeout_ms=200)
    except KafkaTimeoutError as error:
        cause: BaseException | None = error.__cause__
        return cause
    raise AssertionError("nothing listens there")


def test_kafka_python_loses_the_cause_of_a_failed_connection() -> None:
    """Once the time-out has a cause, `FailFastConnectionManager` is only needed for refusals."""
    assert cause_of_timeout(KafkaConnectionManager) is None


def test_a_failed_connection_has_its_cause() -> None:
    """A time-out says how the last attempt failed."""
    assert "ECONNREFUSED" in str(cause_of_timeout(FailFastConnectionManager))


def test_kafka_python_does_not_retry_a_request_that_timed_out() -> None:
    """Once the handler retries it, `RetryingClient.send` can be deleted."""
    manager = TransactionManager("id")
    handler = InitProducerIdHandler(manager, 1_000)
    handler.on_complete(manager.next_in_flight_request_correlation_id(), RequestTimedOutError())
    assert manager.has_fatal_error()


def test_kafka_python_forgets_a_request_without_a_connection() -> None:
    """Once the sender enqueues it again, `RetryingClient.await_ready` can be deleted."""
    enqueued: list[object] = []

    def refuse(*_: object, **__: object) -> bool:
        raise KafkaConnectionError

    request = SimpleNamespace(needs_coordinator=lambda: True, coordinator_type="transaction", request="request")
    sender = Sender.__new__(Sender)
    sender.__dict__.update(
        _running=True,
        _force_close=False,
        config={"request_timeout_ms": 1, "client_id": "test", "transactional_id": "id"},
        _accumulator=SimpleNamespace(has_incomplete=False),
        _client=SimpleNamespace(await_ready=refuse),
        _transaction_manager=SimpleNamespace(
            is_completing=lambda: False,
            next_request_handler=lambda _incomplete: request,
            coordinator=lambda _kind: 1,
            lookup_coordinator_for_request=lambda _request: None,
            retry=enqueued.append,
        ),
    )
    sender._maybe_send_pending_request()
    assert enqueued == []


@pytest.mark.parametrize("error", [RequestTimedOutError(), NodeNotReadyError(), KafkaConnectionError()])
def test_a_temporary_failure_is_reported_as_a_broken_connection(error: KafkaError) -> None:
    """The producer sends a transaction's request again after a time-out, as after a broken connection."""
    sent = RetryingClient(object(), Manager(error)).send(1, object())
    assert isinstance(sent.exception, KafkaConnectionError)


def test_a_refusal_is_reported_unchanged() -> None:
    """A request that is not authorized is not retried."""
    refusal = TransactionalIdAuthorizationFailedError()
    assert RetryingClient(object(), Manager(refusal)).send(1, object()).exception is refusal


def test_a_response_is_passed_on() -> None:
    """The producer gets the broker's response."""
    manager = Manager(KafkaError())
    manager.send = lambda request, node_id: Future().success("answer")  # type: ignore[method-assign]
    assert RetryingClient(object(), manager).send(1, object()).value == "answer"


def test_silence_lasts_until_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that never gets an answer says for how long; one answer ends the silence."""
    manager = FailFastConnectionManager(NetworkSelector(), bootstrap_servers=["127.0.0.1:1"])
    now = [100.0]
    monkeypatch.setattr("worker.kafka.patches.client.time.monotonic", lambda: now[0])
    assert manager.silent_s() == 0
    manager._failed(NodeNotReadyError())
    now[0] = 130.0
    manager._failed(NodeNotReadyError())
    assert manager.silent_s() == 30
    manager._answered(None)
    assert manager.silent_s() == 0


def test_addresses_of_controllers_alone_are_a_refusal() -> None:
    """A controller's port answers, and knows no brokers: to ask it again for half a minute does not help."""
    manager = FailFastConnectionManager(NetworkSelector(), bootstrap_servers=["127.0.0.1:1", "127.0.0.1:2"])
    manager._remember_answer("bootstrap-0", IncompatibleBrokerVersion())
    assert not manager._has_only_controllers(), "the other address may be a broker's"
    manager._remember_answer("bootstrap-1", IncompatibleBrokerVersion())
    with pytest.raises(IncompatibleBrokerVersion):
        manager.get_connection("bootstrap-0")
