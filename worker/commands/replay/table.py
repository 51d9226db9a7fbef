"""Counts of a replay, as a table. Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from schemas import DeadLetter
from worker.cli.sanitize import sanitize
from worker.dead_letters import ReplayDecision
from worker.types import Record

_MAX_EXAMPLE_CHARS = 60


@dataclass
class _Group:
    """Selected dead letters of one topic and reason; times in milliseconds since 1970."""

    count: int
    first: int
    last: int
    example: str


class Tally:
    """Counts the dead letters that are selected and those that are skipped."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str], _Group] = {}
        self._skipped: Counter[ReplayDecision] = Counter()

    @property
    def selected(self) -> int:
        """Number of selected dead letters."""
        return sum(group.count for group in self._groups.values())

    def select(self, record: Record) -> None:
        """Count a selected dead letter."""
        dead_letter = DeadLetter.from_headers(record.headers)
        new = _Group(0, record.timestamp, 0, dead_letter.error)
        group = self._groups.setdefault((dead_letter.topic, dead_letter.reason), new)
        group.count += 1
        group.first, group.last = min(group.first, record.timestamp), max(group.last, record.timestamp)

    def skip(self, decision: ReplayDecision) -> None:
        """Count a skipped record."""
        self._skipped[decision] += 1

    def skipped(self) -> Iterator[str]:
        """Yield a line for each reason to skip records."""
        for decision, count in sorted(self._skipped.items()):
            yield f"skipped: {count:,} {decision}"

    def table(self, to_topic: str | None) -> Table:
        """Return the selected dead letters as a table, one row per topic and reason.

        Args:
            to_topic: the topic they are replayed to, if it is not the one they came from.

        """
        table = Table("to topic", "reason", "dead letters", "first (UTC)", "last (UTC)", "example", box=SIMPLE_HEAD)
        table.columns[2].justify = "right"
        for (topic, reason), group in sorted(self._groups.items()):
            example = escape(sanitize(group.example[:_MAX_EXAMPLE_CHARS]))
            times = _time(group.first), _time(group.last)
            table.add_row(escape(to_topic or topic), reason, f"{group.count:,}", *times, example)
        return table


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(max(0, milliseconds) / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
