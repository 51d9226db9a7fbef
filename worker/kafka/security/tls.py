"""TLS as the settings configure it."""

import ssl
from pathlib import Path

from worker.errors import SettingError
from worker.settings import KafkaSettings


def tls_context(settings: KafkaSettings) -> ssl.SSLContext | None:
    """Return the context of TLS connections; None if the settings do not use TLS.

    Raises:
        SettingError: a certificate or a key cannot be used.

    """
    if settings.security_protocol not in {"SSL", "SASL_SSL"}:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = settings.ssl_check_hostname
    _load_authorities(context, settings.ssl_cafile)
    _load_certificate(context, settings)
    return context


def _load_authorities(context: ssl.SSLContext, authorities: Path | None) -> None:
    if authorities is None:
        return context.load_default_certs()
    try:
        return context.load_verify_locations(authorities)
    except (ssl.SSLError, OSError) as error:
        raise SettingError(f"--ssl-cafile: {authorities} contains no certificates in PEM format: {error}") from error


def _load_certificate(context: ssl.SSLContext, settings: KafkaSettings) -> None:
    """Load the client's certificate, if any."""
    if settings.ssl_certfile is None:
        return
    password = settings.ssl_password
    try:
        # Without a function OpenSSL would prompt for the password on the terminal.
        context.load_cert_chain(
            settings.ssl_certfile, settings.ssl_keyfile, lambda: password.get_secret_value() if password else ""
        )
    except (ssl.SSLError, OSError) as error:
        raise SettingError(
            f"--ssl-certfile {settings.ssl_certfile} and --ssl-keyfile {settings.ssl_keyfile} cannot be used: {error}; "
            "are both in PEM format, do they belong together, and is CASCADE_SSL_PASSWORD the key's password?"
        ) from error
