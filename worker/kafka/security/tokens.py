"""Access tokens for SASL's OAUTHBEARER, renewed before they expire."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from kafka.errors import KafkaConnectionError
from kafka.net.sasl.oauth import AbstractTokenProvider

from worker.errors import UserError
from worker.logs.throttle import FailureStreak

log = logging.getLogger(__name__)
_RENEWED_AFTER = 0.8  # of the lifetime: kafka-python logs in again after 0.85 of it at the earliest
_PAUSE_S = 1.0  # between two requests while the token endpoint fails


class Token(NamedTuple):
    """An access token."""

    value: str
    lifetime_s: float
    """Seconds for which the broker accepts it, from now on."""


class TokenProvider(AbstractTokenProvider):  # type: ignore[misc] # kafka-python has no types
    """Returns one token to all clients of the process; asks for the next when four fifths of its lifetime are over.

    Args:
        fetch: returns a new token; raises `UserError`.
        extensions: sent with the token.
        clock: seconds.

    """

    def __init__(
        self,
        fetch: Callable[[], Token],
        extensions: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch, self._extensions, self._clock = fetch, extensions or {}, clock
        self._value = ""
        self._renewal = self._expiry = float("-inf")
        self._lock = threading.Lock()
        self._failures = FailureStreak(log)

    def token(self) -> str:
        """Return a valid token; a failed renewal counts only once the old token has expired.

        Raises:
            KafkaConnectionError: there is none; kafka-python connects again after a pause.

        """
        try:
            return self.require()
        except UserError as error:
            raise KafkaConnectionError(str(error)) from error

    def require(self) -> str:
        """Return a valid token; raise `UserError`, which says why there is none."""
        with self._lock:
            if self._clock() >= self._renewal:
                self._renew()
            return self._value

    def extensions(self) -> dict[str, str]:
        """Return the SASL extensions."""
        return dict(self._extensions)

    def _renew(self) -> None:
        now = self._clock()
        try:
            self._value, lifetime_s = self._fetch()
        except UserError as error:
            if self._clock() >= self._expiry:
                raise
            self._renewal = self._clock() + _PAUSE_S
            self._failures.failed(f"the access token was not renewed, retrying: {error}")
            return
        self._renewal, self._expiry = now + _RENEWED_AFTER * lifetime_s, now + lifetime_s
        self._failures.succeeded()
