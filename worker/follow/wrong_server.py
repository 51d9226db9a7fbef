"""Failures of the first connection that say that the address is wrong: another attempt would not help."""

import socket
import ssl
from urllib.error import HTTPError

from worker.errors import SettingError

_TEMPORARY = (408, 425, 429)
_UNKNOWN_HOST = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))


class WrongServerError(OSError):
    """The server answers, and is not one of the kind that is followed."""


def is_wrong_status(code: int) -> bool:
    """Return whether an HTTP status says that the address is wrong, rather than the server for now out of order."""
    return code < 500 and code not in _TEMPORARY


class FirstConnection:
    """Ends the command where no server can be right; once one was connected, a failure is a cut to wait out.

    Args:
        servers: number of servers that are tried in turn.

    """

    def __init__(self, servers: int) -> None:
        self._servers, self._wrong, self._made = servers, 0, False

    def succeeded(self) -> None:
        """Note that a server was connected."""
        self._made = True

    def failed(self, error: Exception) -> None:
        """Note a failed attempt.

        Raises:
            SettingError: every server was tried, and the address of each is wrong.

        """
        self._wrong = self._wrong + 1 if _is_wrong(error) else 0
        if not self._made and self._wrong >= self._servers:
            raise SettingError(
                f"--server (CASCADE_SERVER): {_reason(error)}; name a host of this kind of server, or its address"
            ) from error


def _is_wrong(error: Exception) -> bool:
    cause = getattr(error, "reason", error)  # urllib's errors wrap the cause
    if isinstance(error, HTTPError):
        return is_wrong_status(error.code)
    if isinstance(cause, socket.gaierror):
        return cause.errno in _UNKNOWN_HOST
    return isinstance(cause, (WrongServerError, ssl.SSLCertVerificationError))


def _reason(error: Exception) -> str:
    cause = getattr(error, "reason", error)
    return "the host was not found" if isinstance(cause, socket.gaierror) else str(error)
