"""Bad rows: the first refuses the file, or all are skipped and counted."""

from argparse import ArgumentParser
from dataclasses import dataclass, field
from pathlib import Path

from schemas import MAX_TEXT_CHARS
from worker.errors import DataError
from worker.files.types import BadRow, OnBadRow

_SHOWN = 5


@dataclass
class BadRows:
    """The bad rows of one file."""

    path: Path
    policy: OnBadRow = "refuse"
    found: list[BadRow] = field(default_factory=list)

    def add(self, row: BadRow) -> None:
        """Note a bad row.

        Raises:
            DataError: bad rows are not skipped.

        """
        if self.policy == "refuse":
            raise DataError(f"{self.path}, line {row.line}: {row.why} (--on-bad-row skip leaves such rows out)")
        self.found.append(row)

    def remarks(self) -> list[str]:
        """Return lines for the user that count the rows and show the first."""
        if not self.found:
            return []
        shown = [f"  line {row.line}: {row.why}" for row in self.found[:_SHOWN]]
        more = [f"  and {len(self.found) - _SHOWN:,} more"] if len(self.found) > _SHOWN else []
        return [f"{self.path}: {len(self.found):,} bad rows are left out", *shown, *more]


def text_fault(text: str) -> str:
    """Return what is wrong with a row's text; empty if nothing."""
    if not text.strip():
        return "the row has no text"
    if len(text) > MAX_TEXT_CHARS:
        return (
            f"the text has {len(text):,} characters, more than {MAX_TEXT_CHARS:,}; a quotation mark at its start may "
            "not close"
        )
    return ""


def add_file_flags(parser: ArgumentParser) -> None:
    """Add `--text-column`, `--id-column`, `--encoding` and `--on-bad-row`."""
    for flag, content in (("--text-column", "texts"), ("--id-column", "ids")):
        parser.add_argument(flag, metavar="NAME", help=f"column of the {content} (default: the one with a known name)")
    parser.add_argument(
        "--encoding", metavar="NAME", help="encoding of the file, such as cp1252 (default: it is detected)"
    )
    parser.add_argument(
        "--on-bad-row", choices=("refuse", "skip"), default="refuse",
        help="a row that cannot be read: refuse the file, or skip the row; skipped rows are counted and shown "
        "(default: refuse)",
    )  # fmt: skip
