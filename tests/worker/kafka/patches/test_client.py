"""What kafka-python's clients are told to do better, without a broker."""

from typing import Any

import pytest
from kafka.errors import (
    KafkaConnectionError,
    KafkaError,
    NodeNotReadyError,
    RequestTimedOutError,
    TransactionalIdAuthorizationFailedError,
)
from kafka.future import Future

from worker.kafka.patches.client import TellingClient


class Manager:
    """A manager whose requests all fail."""

    def __init__(self, error: KafkaError) -> None:
        self.error = error

    def send(self, request: object, node_id: int) -> Any:  # noqa: ANN401 (kafka-python has no types)
        """Fail."""
        return Future().failure(self.error)


@pytest.mark.parametrize("error", [RequestTimedOutError(), NodeNotReadyError(), KafkaConnectionError()])
def test_what_may_be_tried_again_is_told_as_a_broken_connection(error: KafkaError) -> None:
    """A transaction's request is then sent again; one that timed out ended the worker before."""
    sent = TellingClient(object(), Manager(error)).send(1, object())
    assert isinstance(sent.exception, KafkaConnectionError)


def test_a_refusal_stays_what_it_is() -> None:
    """Nobody is to try again what is not allowed."""
    refusal = TransactionalIdAuthorizationFailedError()
    assert TellingClient(object(), Manager(refusal)).send(1, object()).exception is refusal


def test_an_answer_comes_through() -> None:
    """What the broker says is what the producer gets."""
    manager = Manager(KafkaError())
    manager.send = lambda request, node_id: Future().success("answer")  # type: ignore[method-assign]
    assert TellingClient(object(), manager).send(1, object()).value == "answer"
