"""Access tokens of an OAuth 2.0 authorization server, by the client credentials grant (RFC 6749, section 4.4)."""

import contextlib
import time
from typing import Any

from worker.errors import BrokerError, SettingError, UserError
from worker.kafka.security.tokens import Token
from worker.security_settings import SecuritySettings

_TIMEOUT_S = 5.0  # the main loop may wait for the answer
_ASSUMED_LIFETIME_S = 300.0  # where the server does not say
_INSTALL = "OAUTHBEARER needs the packages of an extra: pip install 'tweet-cascade[oauth]'"
_CHECK = "check CASCADE_SASL_OAUTH_CLIENT_ID, CASCADE_SASL_OAUTH_CLIENT_SECRET and CASCADE_SASL_OAUTH_SCOPE"
Response = Any
"""Of requests, which is imported only where a token is requested."""


def fetch_token(settings: SecuritySettings) -> Token:
    """Request a token.

    Raises:
        SettingError: the server refuses, or the packages of the extra are missing.
        BrokerError: the server cannot be reached, or fails.

    """
    try:
        from authlib.common.errors import AuthlibBaseError
        from requests import HTTPError, RequestException
    except ImportError as error:
        raise SettingError(f"{_INSTALL} ({error})") from None
    url = settings.sasl_oauth_token_url
    try:
        return _token(_request(settings))
    except AuthlibBaseError as error:
        raise SettingError(f"the token endpoint {url} refuses the client ({error}); {_CHECK}") from error
    except HTTPError as error:
        raise _http_error(str(url), _status(error)) from error
    except RequestException as error:
        raise _unreachable(str(url), error) from error
    except (KeyError, ValueError) as error:
        raise SettingError(
            f"{url} did not answer with an access token ({error}); is --sasl-oauth-token-url a token endpoint?"
        ) from error


def _request(settings: SecuritySettings) -> dict[str, Any]:
    from authlib.integrations.requests_client import OAuth2Session

    secret = settings.sasl_oauth_client_secret
    with OAuth2Session(
        settings.sasl_oauth_client_id, secret.get_secret_value() if secret else None, scope=settings.sasl_oauth_scope
    ) as session:
        session.register_compliance_hook("access_token_response", _checked)
        answer: dict[str, Any] = session.fetch_token(
            settings.sasl_oauth_token_url,
            grant_type="client_credentials",
            timeout=_TIMEOUT_S,
            verify=str(settings.sasl_oauth_cafile or "") or True,
            allow_redirects=False,  # they would send the secret elsewhere
        )
        return answer


def _checked(response: Response) -> Response:
    """Return the response; raise `HTTPError` for a failure that is not described as OAuth 2.0 has it."""
    with contextlib.suppress(ValueError):
        if isinstance(content := response.json(), dict) and "error" in content:
            return response
    response.raise_for_status()
    return response


def _token(answer: dict[str, Any]) -> Token:
    if "access_token" not in answer:
        raise ValueError("the answer has no access_token")
    expires_at = answer.get("expires_at")
    return Token(str(answer["access_token"]), expires_at - time.time() if expires_at else _ASSUMED_LIFETIME_S)


def _status(error: Any) -> int:  # noqa: ANN401 (HTTPError)
    return int(error.response.status_code)


def _http_error(url: str, status: int) -> UserError:
    if status >= 500 or status == 429:
        return BrokerError(f"the token endpoint {url} fails: HTTP {status}")
    return SettingError(f"the token endpoint {url} refuses: HTTP {status}; check --sasl-oauth-token-url, and {_CHECK}")


def _unreachable(url: str, error: Exception) -> UserError:
    import ssl

    cause: BaseException = error
    while following := cause.__cause__ or cause.__context__:
        cause = following
    if isinstance(cause, ssl.SSLCertVerificationError):
        return SettingError(
            f"the certificate of {url} is not trusted: {cause.verify_message}; set --sasl-oauth-cafile to the "
            "authority that signed it"
        )
    return BrokerError(f"the token endpoint {url} cannot be reached: {cause}; is --sasl-oauth-token-url its address?")
