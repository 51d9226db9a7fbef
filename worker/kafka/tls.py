"""TLS: what the settings ask for, and whether a broker agrees with it."""

import socket
import ssl
import struct
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from worker.errors import BrokerError, SettingError
from worker.settings import KafkaSettings

_DEFAULT_PORT = 9092
_WHICH_VERSIONS = struct.pack(">ihhih", 10, 18, 0, 7, -1)  # Kafka's ApiVersions request, answered before any login


def tls_context(settings: KafkaSettings) -> ssl.SSLContext | None:
    """Return what TLS is to look like; None where the settings do not ask for it.

    Raises:
        SettingError: a certificate or a key cannot be used.

    """
    if settings.security_protocol not in {"SSL", "SASL_SSL"}:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = settings.ssl_check_hostname
    _trust(context, settings.ssl_cafile)
    _show(context, settings)
    return context


def _trust(context: ssl.SSLContext, authorities: Path | None) -> None:
    if authorities is None:
        return context.load_default_certs()
    try:
        return context.load_verify_locations(authorities)
    except (ssl.SSLError, OSError) as error:
        raise SettingError(f"--ssl-cafile: {authorities} has no certificates in PEM form: {error}") from error


def _show(context: ssl.SSLContext, settings: KafkaSettings) -> None:
    """Have the client show its certificate, if it has one."""
    if settings.ssl_certfile is None:
        return
    given = settings.ssl_password
    try:
        # Without a function here OpenSSL would ask on the terminal.
        context.load_cert_chain(
            settings.ssl_certfile, settings.ssl_keyfile, lambda: given.get_secret_value() if given else ""
        )
    except (ssl.SSLError, OSError) as error:
        raise SettingError(
            f"--ssl-certfile {settings.ssl_certfile} and --ssl-keyfile {settings.ssl_keyfile} cannot be used: {error}; "
            "do they belong together, in PEM form, and is CASCADE_SSL_PASSWORD the key's?"
        ) from error


def require_tls(settings: KafkaSettings, context: ssl.SSLContext) -> None:
    """Shake hands with the brokers until one agrees.

    kafka-python would try a broker that refuses until its time is over; and its own handshake has no time-out: a
    listener that takes the connection and stays silent, for it does not speak TLS, would hold it for ever.

    Raises:
        BrokerError: none agrees, and one at least is silent or refuses.

    """
    problems = []
    for server in map(str.strip, settings.bootstrap_servers.split(",")):
        try:
            return _shake_hands(server, context, settings.connect_timeout.total_seconds())
        except BrokerError as error:
            problems.append(str(error))
        except OSError:  # unreachable, or not yet there: kafka-python tries again
            continue
    if problems:
        raise BrokerError("; ".join(problems))
    return None


def _shake_hands(server: str, context: ssl.SSLContext, seconds: float) -> None:
    address = urlsplit(f"//{server}")
    try:
        plain = socket.create_connection((address.hostname or "", address.port or _DEFAULT_PORT), seconds)
    except TimeoutError as error:
        raise OSError("unreachable") from error
    try:
        with plain, context.wrap_socket(plain, server_hostname=address.hostname) as secured:
            secured.sendall(_WHICH_VERSIONS)
            secured.recv(1)  # with TLS 1.3 the broker's no to a client's certificate comes with the first answer
    except (ssl.SSLError, TimeoutError) as error:
        _blame(server, error, seconds)


def _blame(server: str, error: ssl.SSLError | TimeoutError, seconds: float) -> NoReturn:
    if isinstance(error, ssl.SSLCertVerificationError):
        raise BrokerError(
            f"the certificate of {server} is not to be trusted: {error.verify_message}; --ssl-cafile "
            "(CASCADE_SSL_CAFILE) names the authority that signed it, --ssl-check-hostname whether names must match"
        ) from error
    if isinstance(error, TimeoutError):
        raise BrokerError(
            f"{server} takes connections but does not answer a TLS handshake within {seconds:g} s; "
            "is that its port for TLS?"
        ) from error
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):  # a broker that is going down ends so, too
        raise OSError(str(error)) from error
    raise BrokerError(
        f"{server} refuses TLS: {error.reason}; is that its port for TLS, and does it ask for a client's certificate "
        "(--ssl-certfile and --ssl-keyfile)?"
    ) from error
