"""Whether a broker speaks TLS at all."""

import socket
import ssl
from urllib.parse import urlsplit

from worker.errors import BrokerError
from worker.settings import KafkaSettings

_DEFAULT_PORT = 9092


def require_tls(settings: KafkaSettings) -> None:
    """Shake hands with the brokers until one answers, if the settings ask for TLS.

    kafka-python's own handshake has no time-out: a listener that takes the connection and stays silent, for it does
    not speak TLS, would hold it for ever. Certificates are not looked at here; kafka-python verifies them.

    Raises:
        BrokerError: none answers, and one at least takes connections and is silent.

    """
    if settings.security_protocol not in {"SSL", "SASL_SSL"}:
        return None
    silent = []
    for server in map(str.strip, settings.bootstrap_servers.split(",")):
        try:
            return _shake_hands(server, settings.connect_timeout_ms / 1000)
        except TimeoutError:
            silent.append(server)
        except OSError:  # unreachable, or it wants something that kafka-python knows; that will tell
            continue
    if silent:
        raise BrokerError(
            f"{', '.join(silent)} takes connections but does not answer a TLS handshake within "
            f"{settings.connect_timeout_ms / 1000:g} s; is that its port for {settings.security_protocol}?"
        )
    return None


def _shake_hands(server: str, seconds: float) -> None:
    address = urlsplit(f"//{server}")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        plain = socket.create_connection((address.hostname or "", address.port or _DEFAULT_PORT), seconds)
    except TimeoutError as error:
        raise OSError("unreachable") from error
    with plain, context.wrap_socket(plain, server_hostname=address.hostname):
        pass
