"""What a broker's refusal means."""

import pytest
from kafka.errors import (
    GroupAuthorizationFailedError,
    InvalidRecordError,
    InvalidTransactionTimeoutError,
    KafkaError,
    TransactionalIdAuthorizationFailedError,
    UnknownError,
)

from worker.kafka.diagnosis.refusals import describe, is_explained, missing_right
from worker.settings import KafkaSettings, WorkerSettings


def test_an_error_that_quotes_another_has_its_meaning() -> None:
    """kafka-python raises some refusals as a plain error whose text names the refusal."""
    error = KafkaError(f"Unexpected error in InitProducerIdResponse: {InvalidTransactionTimeoutError()}")
    assert is_explained(error)
    assert describe(error, WorkerSettings()).startswith("--transaction-timeout (15 s) is longer than the broker's")


def test_other_errors_keep_their_text() -> None:
    """What the user cannot do anything about stays as the client says it."""
    error = UnknownError("disk")
    assert (is_explained(error), describe(error, WorkerSettings())) == (False, str(error))


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("Timestamp 3 of message with offset 0 is out of range. The timestamp should be within [1, 2]", "its clock"),
        ("Compacted topic cannot accept message without key in topic partition labels-0.", "cleanup.policy=delete"),
    ],
)
def test_a_refused_record_has_advice(reason: str, advice: str) -> None:
    """The broker's own text names times or topic; what can be done about it follows."""
    text = describe(InvalidRecordError(reason), WorkerSettings())
    assert reason in text
    assert advice in text


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        (WorkerSettings(group_id="g"), "transactional ids that begin with g-; .*--transactional-id g- .*prefixed"),
        (KafkaSettings(dead_letter_topic="d"), "transactional id replay-d; .*--transactional-id replay-d .*literal"),
    ],
)
def test_the_transactional_id_is_named(settings: KafkaSettings, text: str) -> None:
    """A worker's ids begin with its group, and the replays of a topic share one."""
    with pytest.raises(KafkaError, match=text):
        raise KafkaError(describe(TransactionalIdAuthorizationFailedError(), settings))


def test_the_user_is_named_as_far_as_the_client_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a login the broker's user is ANONYMOUS; with a certificate only the broker knows the name."""
    assert "User:ANONYMOUS" in describe(GroupAuthorizationFailedError(), WorkerSettings())
    owner = WorkerSettings(security_protocol="SSL", ssl_certfile=__file__)
    assert missing_right(owner, "topic t", "Read", "--topic t").startswith(
        f"the owner of certificate {__file__} has no"
    )
    monkeypatch.setenv("CASCADE_SASL_OAUTH_CLIENT_SECRET", "s")
    login = {"sasl_mechanism": "OAUTHBEARER", "sasl_oauth_client_id": "c", "sasl_oauth_token_url": "https://a/t"}
    token = WorkerSettings.model_validate({"security_protocol": "SASL_SSL", **login})
    assert missing_right(token, "topic t", "Read", "--topic t").startswith("OAuth client c with a token from ")
