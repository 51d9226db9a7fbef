"""Refusals, as users read them."""

import contextlib
import socket
import struct
import threading

import pytest

from tests.worker.follow.servers import websocket_server
from worker.errors import SettingError
from worker.follow.websocket import open_websocket
from worker.follow.wrong_server import WrongServerError


def test_a_server_that_wants_a_token_is_the_users_to_correct() -> None:
    """A reconnect would never help; the message names the variable and not the token."""
    with websocket_server(lambda *_: None, "right") as url:  # noqa: SIM117 (the server comes first)
        with pytest.raises(SettingError, match="HTTP 401.*CASCADE_ACCESS_TOKEN") as refused:
            with open_websocket(url, {"Authorization": "Bearer wrong-token"}):
                pass
    assert "wrong-token" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "ws:///x"])
def test_a_wrong_address_is_one_line(url: str) -> None:
    """The message names the setting."""
    with pytest.raises(SettingError, match="--server"), open_websocket(url):
        pass


def test_no_connection_is_tried_again() -> None:
    """It is an OSError, which the follower waits out."""
    with pytest.raises(OSError, match="refused"), open_websocket("ws://127.0.0.1:9"):
        pass


@pytest.mark.parametrize("linger", [False, True])
def test_a_connection_that_is_closed_at_once_is_tried_again(linger: bool) -> None:
    """A proxy accepts and closes connections while its server starts; it depends on timing where that is noticed."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        stopped = threading.Event()

        def close_all() -> None:
            while not stopped.is_set():
                with contextlib.suppress(TimeoutError):
                    accepted, _ = server.accept()
                    if not linger:  # a reset, not an end
                        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    accepted.close()

        closer = threading.Thread(target=close_all)
        closer.start()
        for _ in range(100):
            with pytest.raises(OSError) as error, open_websocket(f"ws://127.0.0.1:{server.getsockname()[1]}"):  # noqa: PT011 (any)
                pass
            assert not isinstance(error.value, WrongServerError)
        stopped.set()
        closer.join()
