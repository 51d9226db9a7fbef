"""Ids that a spreadsheet has rounded to 15 digits, such as 1.25018E+18."""

import re
from pathlib import Path

_ROUNDED = re.compile(r"\s*'?\d(?:[.,]\d+)?E\+1\d'?\s*", re.IGNORECASE)


def looks_rounded(id_: str) -> bool:
    """Return whether an id is in a spreadsheet's scientific notation.

    >>> [looks_rounded(id_) for id_ in ("1.25018E+18", "1,25E+17", "1250181234567890123", "2e5")]
    [True, True, False, False]
    """
    return bool(_ROUNDED.fullmatch(id_))


def rounded_remark(path: Path, rows: int) -> str:
    """Return what to say of a file with such ids."""
    return (
        f"warning: {path}: a spreadsheet has rounded {rows:,} ids, to such as 1.25018E+18, so that tweets share one; "
        "open the original with the column of ids as text, and save it again"
    )
