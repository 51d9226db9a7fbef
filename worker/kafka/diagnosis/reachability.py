"""Whether the brokers can be reached under the addresses that they advertise.

A client knows one address from --bootstrap-servers; the broker there answers with the addresses of all brokers, its own
among them, and the client uses those from then on.
"""

import socket
from collections.abc import Iterable, Iterator

from kafka import KafkaAdminClient

from worker.broker_addresses import Address
from worker.kafka.patches.client import known_brokers

_TIMEOUT_S = 2.0


def unreachable(admin: KafkaAdminClient) -> list[str]:
    """Return a phrase for each broker that cannot be connected to under its advertised address."""
    return list(_failures(Address(host, port) for host, port in known_brokers(admin)))


def _failures(addresses: Iterable[Address]) -> Iterator[str]:
    for address in addresses:
        try:
            socket.create_connection(address, _TIMEOUT_S).close()
        except OSError as error:
            yield f"{address} ({error.strerror or error})"
