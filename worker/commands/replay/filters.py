"""Which dead letters a replay is to take, as flags."""

import re
import sys
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from schemas import Reason
from worker.dead_letters import Selection, Span
from worker.errors import SettingError


def add_filters(parser: ArgumentParser) -> None:
    """Add a flag for each filter."""
    group = parser.add_argument_group("filters", "A dead letter is taken when it passes all that are given.")
    group.add_argument(
        "--reason", action="append", default=[], choices=[r.value for r in Reason], metavar="REASON",
        help=f"why it could not be labelled, may be repeated: {', '.join(Reason)}",
    )  # fmt: skip
    group.add_argument("--since", metavar="TIME", help="dead-lettered at or after this time; ISO 8601, UTC if no zone")
    group.add_argument("--until", metavar="TIME", help="dead-lettered before this time")
    group.add_argument(
        "--source-partition", type=int, action="append", default=[], metavar="N",
        help="partition it came from, may be repeated",
    )  # fmt: skip
    group.add_argument(
        "--letters", action="append", default=[], metavar="P[:FIRST[-LAST]]",
        help="where it is in the dead-letter topic: partition, offset or offsets; may be repeated",
    )  # fmt: skip
    group.add_argument("--max", type=int, metavar="N", help="at most N, the first ones by partition and offset")
    group.add_argument(
        "--max-replays", type=int, default=1, metavar="N",
        help="leave alone what was put back N times and is bad again (default: 1)",
    )  # fmt: skip


def read_selection(arguments: Namespace) -> Selection:
    """Return what the flags ask for.

    Raises:
        SettingError: one makes no sense.

    """
    for name in ("max", "max_replays"):
        if (value := getattr(arguments, name)) is not None and value < 1:
            raise SettingError(f"--{name.replace('_', '-')}: {value}; it must be at least 1")
    return Selection(
        reasons=frozenset(map(Reason, arguments.reason)),
        partitions=frozenset(arguments.source_partition),
        spans=tuple(map(_span, arguments.letters)),
        since=_milliseconds("--since", arguments.since),
        until=_milliseconds("--until", arguments.until),
        max_replays=arguments.max_replays,
    )


def _milliseconds(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise SettingError(f"{name}: {text} is no ISO 8601 time, such as 2026-11-24T08:00 or 2026-11-24") from None
    return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000)


def _span(text: str) -> Span:
    found = re.fullmatch(r"([0-9]+)(?::([0-9]+)(?:-([0-9]+))?)?", text)
    if not found:
        raise SettingError(f"--letters: {text} is none of PARTITION, PARTITION:OFFSET and PARTITION:FIRST-LAST")
    partition, first, last = found.groups()
    return Span(int(partition), int(first or 0), int(last or first or sys.maxsize))
