"""Workaround for the TLS handshake of kafka-python 3.0.12.

Its handshake has no time-out: a listener that accepts the connection and stays silent, because it does not speak TLS,
blocks it forever. A broker that refuses TLS is retried until the time-out, and the reason is lost.
`tests/worker/kafka/patches/test_tls_handshake.py` says when this can be deleted.
"""

import socket
import ssl
import struct
from typing import NoReturn

from worker.broker_addresses import Address, parse_addresses
from worker.errors import BrokerError
from worker.settings import KafkaSettings

_API_VERSIONS = struct.pack(">ihhih", 10, 18, 0, 7, -1)  # Kafka's ApiVersions request, answered before any login


def require_tls(settings: KafkaSettings, context: ssl.SSLContext) -> None:
    """Complete a TLS handshake with one of the brokers.

    Raises:
        BrokerError: no broker completes it, and at least one refuses or stays silent.

    """
    problems = []
    for server in parse_addresses(settings.bootstrap_servers):
        try:
            return _shake_hands(server, context, settings.connect_timeout.total_seconds())
        except BrokerError as error:
            problems.append(str(error))
        except OSError:  # unreachable, perhaps not started yet: kafka-python retries
            continue
    if problems:
        raise BrokerError("; ".join(problems))
    return None


def _shake_hands(server: Address, context: ssl.SSLContext, seconds: float) -> None:
    try:
        plain = socket.create_connection(server, seconds)
    except TimeoutError as error:
        raise OSError("unreachable") from error
    try:
        with plain, context.wrap_socket(plain, server_hostname=server.host) as secured:
            secured.sendall(_API_VERSIONS)
            secured.recv(1)  # in TLS 1.3 a client certificate is rejected with the first answer
    except (ssl.SSLError, TimeoutError) as error:
        _explain(server, error, seconds)


def _explain(server: Address, error: ssl.SSLError | TimeoutError, seconds: float) -> NoReturn:
    if isinstance(error, ssl.SSLCertVerificationError):
        raise BrokerError(
            f"the certificate of {server} is not trusted: {error.verify_message}; set --ssl-cafile "
            "(CASCADE_SSL_CAFILE) to the authority that signed it; --ssl-check-hostname says whether names must match"
        ) from error
    if isinstance(error, TimeoutError):
        raise BrokerError(
            f"{server} accepts connections but does not complete a TLS handshake within {seconds:g} s; "
            "is this its port for TLS?"
        ) from error
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):  # also what a broker does that shuts down
        raise OSError(str(error)) from error
    raise BrokerError(
        f"{server} refuses TLS: {error.reason}; is this its port for TLS, and does it require a client certificate "
        "(--ssl-certfile and --ssl-keyfile)?"
    ) from error
