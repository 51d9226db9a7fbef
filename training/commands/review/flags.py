"""Types of `review`'s flags."""

from argparse import ArgumentTypeError
from collections.abc import Mapping

_REASONS = ("random", "overruled", "boundary", "unknown", "spread")


def shares(text: str) -> Mapping[str, float]:
    """Return the share of each reason.

    Raises:
        ArgumentTypeError: a reason is not known or named twice, a share is not one, or they do not add up to 1.

    """
    parts = [part.partition("=") for part in text.split(",")]
    names = [name.strip() for name, _, _ in parts]
    if unknown := [name for name in names if name not in _REASONS] or [n for n in names if names.count(n) > 1]:
        raise ArgumentTypeError(f"{unknown[0]!r} is not one of {', '.join(_REASONS)}, each named once")
    found = dict(zip(names, (_share(value) for _, _, value in parts), strict=True))
    if abs(sum(found.values()) - 1) > 1e-6:
        raise ArgumentTypeError(f"the shares of {text!r} add up to {sum(found.values()):g}, not to 1")
    return found


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value <= 1:
        raise ArgumentTypeError(f"{text!r} is not a share from 0 to 1")
    return value
