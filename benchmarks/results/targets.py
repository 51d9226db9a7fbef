"""The project's performance targets, and whether a run met them. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

Figures = Mapping[str, Mapping[str, float]]
"""By system: messages_per_second and, if measured, accuracy, rss_mb and start_s."""


class Target(NamedTuple):
    """A target and the measured value."""

    claim: str
    measured: str
    met: bool


_RATIOS = [  # system, least ratio of messages per second, other system
    ("baseline", 0.60, "echo"),
    ("cascade", 5, "use"),
    ("cascade", 50, "notebook"),
    ("cascade", 1.1, "confluent"),
    ("cascade", 5, "quixstreams"),
    ("cascade", 5, "faststream"),
]
_RSS_MB = 450  # in an environment without pandas: scikit-learn imports it where it is installed, 54 MB
_START_S = 4


def judge_targets(figures: Figures) -> Iterator[Target]:
    """Yield each target whose systems were measured."""
    for name, least, other in _RATIOS:
        if name in figures and other in figures and figures[other]["messages_per_second"]:
            ratio = figures[name]["messages_per_second"] / figures[other]["messages_per_second"]
            yield Target(f"{name} >= {least:g} x {other}", f"{ratio:.2f} x", ratio >= least)
    if {"cascade", "use"} <= figures.keys() and all("accuracy" in figures[name] for name in ("cascade", "use")):
        cascade, use = (figures[name]["accuracy"] for name in ("cascade", "use"))
        yield Target("cascade as accurate as use", f"{cascade:.4f}, {use:.4f}", cascade >= use)
    if "cascade" in figures:
        yield from _limits(figures["cascade"].get)


def _limits(get: Callable[[str], float | None]) -> Iterator[Target]:
    if (rss := get("rss_mb")) is not None:
        yield Target(f"a worker's memory <= {_RSS_MB:,} MB", f"{rss:,.0f} MB", rss <= _RSS_MB)
    if (start := get("start_s")) is not None:
        yield Target(f"start to the first label <= {_START_S} s", f"{start:.1f} s", start <= _START_S)
