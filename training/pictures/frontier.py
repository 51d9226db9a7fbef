"""Pareto frontier of cost and score. Pure."""

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def frontier(items: Iterable[T], cost: Callable[[T], float], score: Callable[[T], float]) -> list[T]:
    """Return the items that no other item beats in both cost and score, the cheapest first."""
    found: list[T] = []
    for item in sorted(items, key=lambda item: (cost(item), -score(item))):
        if not found or score(item) > score(found[-1]):
            found.append(item)
    return found
