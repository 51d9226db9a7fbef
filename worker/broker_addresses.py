"""Addresses of brokers, read in one place: kafka-python and the TLS handshake would each read them in their own way."""

import re
from collections.abc import Sequence
from typing import NamedTuple

_DEFAULT_PORT = 9092
_LARGEST_PORT = 65_535
_PROTOCOLS = {"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"}


class Address(NamedTuple):
    """An address of a broker."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_addresses(servers: str) -> Sequence[Address]:
    """Return the addresses of a comma-separated list; a port that is left out is 9092.

    Raises:
        ValueError: one is not an address.

    >>> [str(address) for address in parse_addresses("a:1, b,[::1]:9093")]
    ['a:1', 'b:9092', '[::1]:9093']

    """
    return [_parse(server.strip()) for server in servers.split(",")]


def _parse(server: str) -> Address:
    protocol, scheme, rest = server.rpartition("://")
    if scheme:
        advice = f", and set --security-protocol to {protocol.upper()}" if protocol.upper() in _PROTOCOLS else ""
        raise ValueError(f"{server!r} is not host:port: write {rest}{advice}")
    found = re.fullmatch(r"(?:\[([0-9A-Fa-f:.%]+)\]|([^\s:/@\[\]]+))(?::(\d{1,5}))?", server)
    if not found or not 0 < (port := int(found[3] or _DEFAULT_PORT)) <= _LARGEST_PORT:
        raise ValueError(
            f"{server!r} is not an address of a broker: write host:port, such as kafka-1:9092, or [::1]:9092; "
            "several with commas"
        )
    return Address(found[1] or found[2], port)
