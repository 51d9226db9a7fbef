"""Review files for tests."""

from collections.abc import Sequence
from pathlib import Path

from training.review.sheet import Sheet, SheetRow


def new_sheet(path: Path, *texts: str, labels: Sequence[str] = (), reason: str = "random") -> Sheet:
    """Return a review file of these texts, not written; the cascade called all of them disasters."""
    given = [*labels, *[""] * len(texts)]
    rows = [
        SheetRow(str(n), text, label, reason, "0.5", "1", "disaster", "0.9000", "use")
        for n, (text, label) in enumerate(zip(texts, given, strict=False), 1)
    ]
    return Sheet(path, rows)
