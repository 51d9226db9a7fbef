"""Pauses between attempts to connect: doubled each time, with jitter, so that clients do not return together."""

import random
from dataclasses import dataclass


@dataclass
class Backoff:
    """Pauses from half to all of a time that doubles, up to `longest_s` seconds."""

    first_s: float = 1.0
    longest_s: float = 60.0
    attempts: int = 0

    def next(self) -> float:
        """Return the seconds to wait before the next attempt."""
        whole = min(self.longest_s, self.first_s * 2 ** min(self.attempts, 30))
        self.attempts += 1
        return random.uniform(whole / 2, whole)  # noqa: S311 (not a secret)

    def reset(self) -> None:
        """Begin again with the shortest pause."""
        self.attempts = 0
