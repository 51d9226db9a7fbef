"""What a replay found, as people read it. Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from schemas import DeadLetter
from worker.cli.sanitize import sanitize
from worker.dead_letters import Verdict
from worker.types import Record

_LONGEST = 60


@dataclass
class _Row:
    """Dead letters of one reason, from one topic; times in milliseconds since 1970."""

    count: int
    first: int
    last: int
    example: str


class Tally:
    """Counts what is to be put back and what is left alone."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], _Row] = {}
        self._left: Counter[Verdict] = Counter()

    @property
    def taken(self) -> int:
        """How many are to be put back."""
        return sum(row.count for row in self._rows.values())

    def take(self, record: Record) -> None:
        """Count a dead letter that is to be put back."""
        letter = DeadLetter.from_headers(record.headers)
        row = self._rows.setdefault((letter.topic, letter.reason), _Row(0, record.timestamp, 0, letter.error))
        row.count += 1
        row.first, row.last = min(row.first, record.timestamp), max(row.last, record.timestamp)

    def leave(self, verdict: Verdict) -> None:
        """Count a record that is left alone."""
        self._left[verdict] += 1

    def left(self) -> Iterator[str]:
        """Yield a line for each kind of what is left alone."""
        for verdict, count in sorted(self._left.items()):
            yield f"left alone: {count:,} {verdict}"

    def table(self, to_topic: str | None) -> Table:
        """Return a row for each topic and reason."""
        table = Table("onto", "reason", "dead letters", "first (UTC)", "last (UTC)", "for example", box=SIMPLE_HEAD)
        table.columns[2].justify = "right"
        for (topic, reason), row in sorted(self._rows.items()):
            example = escape(sanitize(row.example[:_LONGEST]))
            table.add_row(
                escape(to_topic or topic), reason, f"{row.count:,}", _time(row.first), _time(row.last), example
            )
        return table


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(max(0, milliseconds) / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
