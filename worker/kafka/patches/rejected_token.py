"""Workaround for the login with tokens of kafka-python 3.0.12.

A broker answers a token that it rejects with the reason, then waits for an empty message and closes the connection.
kafka-python drops the reason and reports a broken connection, which is retried until the time-out.
`tests/worker/kafka/patches/test_rejected_token.py` says when this can be deleted; on a real broker:
`tests/kafka/test_oauth.py`.
"""

from kafka.errors import SaslAuthenticationFailedError
from kafka.net.sasl import register_sasl_mechanism
from kafka.net.sasl.oauth import SaslMechanismOAuth


class FailFastOAuth(SaslMechanismOAuth):  # type: ignore[misc] # kafka-python has no types
    """OAUTHBEARER that ends with the broker's reason."""

    def receive(self, auth_bytes: bytes) -> None:
        """Take the broker's answer, which is empty if the token is accepted.

        Raises:
            SaslAuthenticationFailedError: the broker rejects the token.

        """
        if auth_bytes:
            raise SaslAuthenticationFailedError(auth_bytes.decode(errors="replace"))
        super().receive(auth_bytes)


def report_rejected_tokens() -> None:
    """Let every client of this process report why its token was rejected."""
    register_sasl_mechanism("OAUTHBEARER", FailFastOAuth, overwrite=True)
