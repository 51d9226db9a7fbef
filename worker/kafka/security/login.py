"""Logins: what kafka-python is given for each mechanism, and how messages name the user."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from worker.errors import BrokerError
from worker.kafka.patches.rejected_token import report_rejected_tokens
from worker.kafka.security.client_credentials import fetch_token
from worker.kafka.security.msk_iam import sign_token
from worker.kafka.security.tokens import Token, TokenProvider
from worker.security_settings import SecuritySettings

_PAUSE_S = 0.5
_SOURCES: Mapping[str, Callable[[SecuritySettings], Token]] = {"OAUTHBEARER": fetch_token, "AWS_MSK_IAM": sign_token}
_providers: dict[tuple[object, ...], TokenProvider] = {}


def sasl_config(settings: SecuritySettings) -> dict[str, Any]:
    """Return the keyword arguments for SASL; none without it."""
    if not settings.sasl_mechanism:
        return {}
    if provider := _provider(settings):
        report_rejected_tokens()
        return {"sasl_mechanism": "OAUTHBEARER", "sasl_oauth_token_provider": provider}
    password = settings.sasl_plain_password
    return {
        "sasl_mechanism": settings.sasl_mechanism,
        "sasl_plain_username": settings.sasl_plain_username,
        "sasl_plain_password": password.get_secret_value() if password else None,
    }


def require_login(settings: SecuritySettings, seconds: float) -> None:
    """Check that there is a token, where the mechanism needs one.

    Args:
        settings: of the login.
        seconds: how long to try while the token endpoint cannot be reached.

    Raises:
        SettingError: the token endpoint refuses.
        BrokerError: it cannot be reached.

    """
    provider, deadline = _provider(settings), time.monotonic() + seconds
    while provider:
        try:
            provider.require()
            return
        except BrokerError:
            if time.monotonic() + _PAUSE_S > deadline:
                raise
            time.sleep(_PAUSE_S)


def describe_login(settings: SecuritySettings) -> str:
    """Return who logs in."""
    if settings.sasl_mechanism == "OAUTHBEARER":
        return f"OAuth client {settings.sasl_oauth_client_id} with a token from {settings.sasl_oauth_token_url}"
    if settings.sasl_mechanism == "AWS_MSK_IAM":
        return "the AWS credentials"
    return f"user {settings.sasl_plain_username}"


def _provider(settings: SecuritySettings) -> TokenProvider | None:
    """Return the process' provider for these settings, so that its clients share a token; None without tokens."""
    source = _SOURCES.get(settings.sasl_mechanism or "")
    if not source:
        return None
    key = tuple(getattr(settings, name) for name in SecuritySettings.model_fields)
    if key not in _providers:
        _providers[key] = TokenProvider(partial(source, settings), dict(settings.sasl_oauth_extensions))
    return _providers[key]
