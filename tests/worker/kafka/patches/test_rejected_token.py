"""Tokens that a broker rejects."""

import pytest
from kafka.errors import SaslAuthenticationFailedError
from kafka.net.sasl import get_sasl_mechanism
from kafka.net.sasl.oauth import SaslMechanismOAuth

from worker.kafka.patches.rejected_token import report_rejected_tokens
from worker.kafka.security.tokens import Token, TokenProvider

REASON = b'{"status":"invalid_token"}'
PROVIDER = TokenProvider(lambda: Token("t", 60))


def test_kafka_python_drops_the_reason_of_a_rejection() -> None:
    """Once it raises the broker's reason, `patches.rejected_token` can be deleted."""
    login = SaslMechanismOAuth(sasl_oauth_token_provider=PROVIDER)
    login.receive(REASON)
    assert (login.is_done(), login.is_authenticated(), login.auth_bytes()) == (False, False, b"\x01")


def test_a_rejection_is_raised_with_its_reason() -> None:
    """The login fails at once and says why; an accepted token is one message each way."""
    report_rejected_tokens()
    login = get_sasl_mechanism("OAUTHBEARER")(sasl_oauth_token_provider=PROVIDER)
    assert login.auth_bytes() == b"n,,\x01auth=Bearer t\x01\x01"
    with pytest.raises(SaslAuthenticationFailedError, match="invalid_token"):
        login.receive(REASON)
    login.receive(b"")
    assert login.is_authenticated()
