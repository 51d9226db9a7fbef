"""WebSocket connections; the only module that imports websockets."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from worker.errors import SettingError
from worker.follow.wrong_server import WrongServerError, is_wrong_status

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

_OPEN_S, _PING_S, _CLOSE_S = 15, 20, 3
_MAX_BYTES = 16 * 1024 * 1024
_QUEUE = 64  # messages that wait for the broker; behind them TCP slows the server down
_REFUSED = (401, 403)


class WebSocketConnection:
    """An open WebSocket."""

    def __init__(self, socket: "ClientConnection") -> None:
        self._socket = socket

    def receive(self, timeout_s: float) -> str | bytes | None:
        """Return the next message; None if none came in time.

        Raises:
            EOFError: the connection is closed; the message says by whom and why.

        """
        from websockets.exceptions import ConnectionClosed

        try:
            return self._socket.recv(timeout_s)
        except TimeoutError:
            return None
        except ConnectionClosed as error:
            raise EOFError(str(error)) from error

    def missed(self) -> Iterator[bytes]:
        """Yield nothing: the server repeats what was missed."""
        return iter(())


@contextmanager
def open_websocket(url: str, headers: Mapping[str, str] | None = None) -> Iterator[WebSocketConnection]:
    """Connect to a WebSocket for the length of a `with`; a silent peer is noticed by pings.

    Raises:
        SettingError: the extra is missing, the address is malformed, or the server wants another token.
        OSError: no connection.

    """
    require_websockets()
    from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
    from websockets.sync.client import connect

    logger = logging.getLogger("worker.follow.wire")  # websockets logs headers, and so tokens, at debug
    logger.setLevel(logging.CRITICAL)
    try:
        socket = connect(
            url, additional_headers=headers, open_timeout=_OPEN_S, ping_interval=_PING_S, ping_timeout=_PING_S,
            close_timeout=_CLOSE_S, max_size=_MAX_BYTES, max_queue=_QUEUE, logger=logger,
        )  # fmt: skip
    except InvalidStatus as error:
        if (code := error.response.status_code) in _REFUSED:
            raise SettingError(_refusal(url, code)) from error
        kind = WrongServerError if is_wrong_status(code) else OSError
        raise kind(f"{url.partition('?')[0]} answers with HTTP {code}") from error
    except (InvalidURI, ValueError) as error:
        raise SettingError(f"--server: {url} is not the address of a WebSocket: {error}") from error
    except (InvalidHandshake, EOFError) as error:
        kind = OSError if isinstance(error.__cause__ or error, (EOFError, OSError)) else WrongServerError
        raise kind(f"{url.partition('?')[0]} does not speak WebSocket: {error.__cause__ or error}") from error
    except ConnectionClosed as error:
        raise OSError(f"{url.partition('?')[0]} closed the connection: {error}") from error
    with socket:
        yield WebSocketConnection(socket)


def _refusal(url: str, code: int) -> str:
    server = url.partition("?")[0]
    return f"{server} refuses the connection (HTTP {code}): set CASCADE_ACCESS_TOKEN to an access token of that server"


def require_websockets() -> None:
    """Check that the extra is installed; raise `SettingError` if it is not."""
    try:
        import websockets  # noqa: F401 (the check is the import)
    except ImportError as error:
        raise SettingError("following needs the package websockets: pip install 'tweet-cascade[follow]'") from error
