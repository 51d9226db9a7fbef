"""Filters of a replay, as flags."""

import re
import sys
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from schemas import Reason
from worker.cli.former_flags import reject_flag
from worker.dead_letters import Selection, Span
from worker.errors import SettingError


def add_filters(parser: ArgumentParser) -> None:
    """Add a flag for each filter."""
    group = parser.add_argument_group("filters", "A dead letter is replayed if it passes all filters that are given.")
    group.add_argument(
        "--reason", action="append", default=[], choices=[r.value for r in Reason], metavar="REASON",
        help=f"why the record could not be labelled; may be repeated: {', '.join(Reason)}",
    )  # fmt: skip
    group.add_argument("--since", metavar="TIME", help="dead-lettered at or after this time; ISO 8601, UTC by default")
    group.add_argument("--until", metavar="TIME", help="dead-lettered before this time")
    group.add_argument(
        "--source-topic", action="append", default=[], metavar="TOPIC",
        help="topic that the record came from; may be repeated",
    )  # fmt: skip
    group.add_argument(
        "--source-partition", type=int, action="append", default=[], metavar="N",
        help="partition that the record came from; may be repeated",
    )  # fmt: skip
    group.add_argument(
        "--dead-letters", action="append", default=[], metavar="P[:FIRST[-LAST]]",
        help="partition and offset, or offsets, on the dead-letter topic; may be repeated",
    )  # fmt: skip
    group.add_argument("--max", type=int, metavar="N", help="at most N, the first ones by partition and offset")
    group.add_argument(
        "--max-replays", type=int, default=1, metavar="N",
        help="skip records that were replayed N times and were bad again (default: 1)",
    )  # fmt: skip
    reject_flag(parser, "--letters", "is now --dead-letters")


def read_selection(arguments: Namespace) -> Selection:
    """Return the selection that the flags describe.

    Raises:
        SettingError: a flag's value is invalid.

    """
    for name in ("max", "max_replays"):
        if (value := getattr(arguments, name)) is not None and value < 1:
            raise SettingError(f"--{name.replace('_', '-')}: {value}; it must be at least 1")
    return Selection(
        reasons=frozenset(map(Reason, arguments.reason)),
        topics=frozenset(arguments.source_topic),
        partitions=frozenset(arguments.source_partition),
        spans=tuple(map(_span, arguments.dead_letters)),
        since=_milliseconds("--since", arguments.since),
        until=_milliseconds("--until", arguments.until),
        max_replays=arguments.max_replays,
    )


def _milliseconds(flag: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise SettingError(f"{flag}: {text} is not an ISO 8601 time such as 2026-11-24T08:00 or 2026-11-24") from None
    return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000)


def _span(text: str) -> Span:
    found = re.fullmatch(r"([0-9]+)(?::([0-9]+)(?:-([0-9]+))?)?", text)
    if not found:
        raise SettingError(f"--dead-letters: {text} is not PARTITION, PARTITION:OFFSET or PARTITION:FIRST-LAST")
    partition, first, last = found.groups()
    return Span(int(partition), int(first or 0), int(last or first or sys.maxsize))
