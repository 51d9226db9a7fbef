"""The cascade in use, until a newly loaded one replaces it between two batches."""

from collections.abc import Callable

from worker.cascade.cascade import ThresholdCascade

Successor = Callable[[], ThresholdCascade | None]
"""Returns, once, a newly loaded cascade; else None."""


class ActiveCascade:
    """The cascade in use.

    Args:
        cascade: to start with.
        successor: asked between two batches.

    Attributes:
        current: the cascade in use.

    """

    def __init__(self, cascade: ThresholdCascade, successor: Successor = lambda: None) -> None:
        self.current = cascade
        self.successor = successor
