"""What `review` prints at its end."""

import shlex
from collections import Counter
from collections.abc import Iterator

from training.review.estimate import share
from training.review.sheet import Sheet


def summary(sheet: Sheet) -> Iterator[str]:
    """Yield lines: progress, the accuracy on the random share, the share of disasters, and what to do next."""
    counts = Counter(row.label for row in sheet.rows)
    done = len(sheet.rows) - counts[""]
    found = ", ".join(f"{counts[name]:,} {name}" for name in (*reversed(sheet.classes), "skip") if counts[name])
    yield f"{sheet.path}: {done:,} of {len(sheet.rows):,} tweets done" + (f": {found}" if found else "")
    yield from _estimates(sheet)
    if counts[""]:
        yield f"continue with: python -m training review --out {shlex.quote(str(sheet.path))}"
    if any(row.labelled for row in sheet.rows):
        yield f"train on them with: python -m training fit --reviewed {shlex.quote(str(sheet.path))} --out models/next"


def _estimates(sheet: Sheet) -> Iterator[str]:
    drawn = [row for row in sheet.rows if row.picked_for == "random"]
    labelled = [row for row in drawn if row.labelled]
    if not labelled:
        return
    yield f"accuracy on the stream: {share([row.label == row.predicted for row in labelled])}"
    yield f"of the stream's tweets, {sheet.classes[1]}: {share([row.label == sheet.classes[1] for row in labelled])}"
    yield "  both by the random share, without bias; near-duplicates count once"
    if left := len(drawn) - len(labelled):
        yield (
            f"  {left:,} of {len(drawn):,} tweets of the random share have no label: if they are not those shown last, "
            + ("or were hard to label, the figures are biased")
        )
