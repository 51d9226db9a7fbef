"""Renewal of access tokens."""

import pytest
from kafka.errors import KafkaConnectionError

from worker.errors import BrokerError
from worker.kafka.security.tokens import Token, TokenProvider


class Endpoint:
    """Issues numbered tokens of 100 seconds, and a clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self.issued = 0
        self.fails = False

    def fetch(self) -> Token:
        """Return the next token."""
        if self.fails:
            raise BrokerError("unreachable")
        self.issued += 1
        return Token(f"token {self.issued}", 100.0)

    def provider(self) -> TokenProvider:
        """Return a provider that uses this endpoint and its clock."""
        return TokenProvider(self.fetch, {"logicalCluster": "lkc-1"}, lambda: self.now)


def test_a_token_is_shared_until_most_of_its_lifetime_is_over() -> None:
    """Clients that connect at once request one token, and it is renewed before it expires."""
    endpoint = Endpoint()
    provider = endpoint.provider()
    assert [provider.token() for _ in range(3)] == ["token 1"] * 3
    endpoint.now = 79
    assert provider.token() == "token 1"
    endpoint.now = 80
    assert provider.token() == "token 2"
    assert provider.extensions() == {"logicalCluster": "lkc-1"}


def test_a_failed_renewal_keeps_the_token_while_it_is_valid(caplog: pytest.LogCaptureFixture) -> None:
    """A short outage of the authorization server does not stop the worker; it is asked once a second at most."""
    endpoint = Endpoint()
    provider = endpoint.provider()
    assert provider.token() == "token 1"
    endpoint.now, endpoint.fails = 85, True
    assert [provider.token(), provider.token()] == ["token 1"] * 2
    assert [record.getMessage() for record in caplog.records] == [
        "the access token was not renewed, retrying: unreachable"
    ]
    endpoint.now = 100
    with pytest.raises(KafkaConnectionError, match="unreachable") as error:
        provider.token()
    assert error.value.retriable
    endpoint.fails = False
    assert provider.token() == "token 2"
