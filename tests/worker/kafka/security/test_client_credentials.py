"""Client credentials, against a token endpoint on loopback."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.token_server import CLIENT, SECRET, TokenServer, token_server
from worker.errors import BrokerError, SettingError
from worker.kafka.security.client_credentials import fetch_token
from worker.settings import KafkaSettings


@pytest.fixture
def endpoint() -> Iterator[TokenServer]:
    """Serve tokens without TLS."""
    with token_server() as served:
        yield served


def settings(endpoint: TokenServer, **changes: Any) -> KafkaSettings:  # noqa: ANN401 (settings of any type)
    """Return the settings of a client of the endpoint."""
    given = {
        "security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "OAUTHBEARER", "sasl_oauth_client_id": CLIENT,
        "sasl_oauth_client_secret": SECRET, "sasl_oauth_token_url": endpoint.url,
    }  # fmt: skip
    return KafkaSettings(**{**given, **changes})


def test_a_token_is_requested_with_the_scope(endpoint: TokenServer) -> None:
    """The request is the grant of RFC 6749, 4.4; the lifetime is the answer's."""
    endpoint.lifetime_s = 1234
    token = fetch_token(settings(endpoint, sasl_oauth_scope="kafka read"))
    assert token.value.endswith(".")
    assert 1230 <= token.lifetime_s <= 1235
    assert endpoint.forms == [{"grant_type": ["client_credentials"], "scope": ["kafka read"]}]


def test_a_token_without_a_lifetime_is_renewed_after_minutes(endpoint: TokenServer) -> None:
    """`expires_in` is only recommended by the RFC."""
    endpoint.answer = 200, {"access_token": "opaque", "token_type": "Bearer"}
    assert fetch_token(settings(endpoint)) == ("opaque", 300)


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        ((401, {"error": "invalid_client"}), SettingError, "refuses the client .invalid_client.*OAUTH_CLIENT_SECRET"),
        ((401, b"<html>"), SettingError, "refuses: HTTP 401"),
        ((403, {"message": "no"}), SettingError, "refuses: HTTP 403"),
        ((404, b""), SettingError, "refuses: HTTP 404; check --sasl-oauth-token-url"),
        ((302, b""), SettingError, "did not answer with an access token"),
        ((200, b"<html>"), SettingError, "is --sasl-oauth-token-url a token endpoint"),
        ((200, {"id_token": "x"}), SettingError, "the answer has no access_token"),
        ((503, b"later"), BrokerError, "fails: HTTP 503"),
        ((429, {}), BrokerError, "fails: HTTP 429"),
    ],
)
def test_a_refusal_names_the_endpoint(
    answer: tuple[int, Any], kind: type[Exception], message: str, endpoint: TokenServer
) -> None:
    """The message has the URL, the reason, and what to check; only what may pass is worth another attempt."""
    endpoint.answer = answer
    with pytest.raises(kind, match=message) as error:
        fetch_token(settings(endpoint))
    assert endpoint.url in str(error.value)
    assert SECRET not in str(error.value)


def test_a_wrong_secret_is_refused(endpoint: TokenServer) -> None:
    """The id and the secret are sent as HTTP's basic authentication."""
    with pytest.raises(SettingError, match="wrong secret"):
        fetch_token(settings(endpoint, sasl_oauth_client_secret=SECRET.upper()))


def test_an_unreachable_endpoint_is_named() -> None:
    """A closed port is reported with the cause, not with a library's chain of exceptions."""
    nowhere = TokenServer("http://127.0.0.1:9/token")
    with pytest.raises(BrokerError, match="http://127.0.0.1:9/token cannot be reached: .*Connection refused; is"):
        fetch_token(settings(nowhere))


def test_an_endpoint_with_a_private_authority(tmp_path: Path) -> None:
    """Its authority has a setting of its own; without it the message names the setting."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with token_server(context) as served:
        assert fetch_token(settings(served, sasl_oauth_cafile=tmp_path / "ca.pem")).value
        with pytest.raises(SettingError, match="certificate of https://.* is not trusted.*--sasl-oauth-cafile"):
            fetch_token(settings(served))
