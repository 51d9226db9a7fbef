"""Settings that contradict each other, each of them allowed by itself. Pure; `worker.settings` asks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import combinations


def same_topics(topics: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield a message for each two settings that name the same topic.

    Args:
        topics: each setting, or each use that the worker makes of one, and a topic that it names.

    >>> list(same_topics([("--input-topic", "a"), ("--output-topic", "b"), ("--dead-letter-topic", "a")]))
    ["--input-topic and --dead-letter-topic are both 'a': tweets, labels and dead letters need a topic each"]

    """
    for (one, topic), (other, same) in combinations(topics, 2):
        if topic == same:
            yield f"{one} and {other} are both {topic!r}: tweets, labels and dead letters need a topic each"


def too_short(name: str, duration: timedelta, others: Mapping[str, timedelta], why: str) -> Iterator[str]:
    """Yield a message if a setting's duration is shorter than another's.

    Args:
        name: of the setting that must not be shorter than the others.
        duration: its value.
        others: the other settings and their values.
        why: what would happen.

    >>> next(too_short("--b", timedelta(seconds=1), {"--a": timedelta(seconds=90)}, "it would fail"))
    '--b (1s) is shorter than --a (90s): it would fail; raise --b or lower --a'

    """
    longer = {other: value for other, value in others.items() if value > duration}
    if longer:
        written = _listed([f"{other} ({_written(value)})" for other, value in longer.items()])
        yield (
            f"{name} ({_written(duration)}) is shorter than {written}: {why}; "
            f"raise {name} or lower {_listed(list(longer))}"
        )


def without_tls(protocol: str, files: Mapping[str, object]) -> Iterator[str]:
    """Yield a message where files for TLS are set and the protocol does not use them."""
    given = [name for name, path in files.items() if path is not None]
    if given and protocol not in {"SSL", "SASL_SSL"}:
        yield (
            f"{_listed(given)} would not be used: --security-protocol is {protocol}, which is not encrypted; "
            "set it to SSL or SASL_SSL, or leave out the files"
        )


def _written(duration: timedelta) -> str:
    return f"{duration.total_seconds():g}s"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else names[0]


def refuse(conflicts: Iterable[str]) -> None:
    """Raise `ValueError` with all of the conflicts, if there are any."""
    if found := list(conflicts):
        raise ValueError("; ".join(found))
