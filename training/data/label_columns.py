"""Which columns of a labelled file hold the text, the label and the id. Pure."""

import re
import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from worker.errors import DataError

_KNOWN = {
    "text": ("text", "tweet", "tweet text", "full text"),
    "label": ("target", "label", "informativeness", "choose one"),
    "id": ("id", "tweet id", "tweetid", "id str"),
}


@dataclass(frozen=True)
class LabelSettings:
    """What the user says of labelled files; None and () leave it to the known names."""

    text_column: str | None = None
    label_column: str | None = None
    id_column: str | None = None
    positive: tuple[str, ...] = ()
    """Labels that mean a disaster."""
    negative: tuple[str, ...] = ()
    """Labels that mean none."""
    command: str = "python -m training evaluate"
    """The command that a message asks the user to try again, with other flags."""


class Columns(NamedTuple):
    """Indices of a file's columns."""

    text: int
    label: int
    id: int | None


def find_columns(header: Sequence[str], settings: LabelSettings, where: str) -> Columns:
    """Return the columns that the settings name, else those with known names.

    Args:
        header: names of the columns.
        settings: the user's.
        where: file and line, for messages.

    Raises:
        DataError: a column is missing, or several may be meant.

    """
    repeated = [name for name, count in Counter(header).items() if count > 1]
    if repeated:
        raise DataError(f"{where}: two columns are called {repeated[0]!r}: rename one; {_listed(header)}")
    text = _find(header, "text", settings.text_column, settings.command, where)
    label = _find(header, "label", settings.label_column, settings.command, where)
    if settings.id_column is None and not _known(header, "id"):
        return Columns(text, label, None)
    return Columns(text, label, _find(header, "id", settings.id_column, settings.command, where))


def find_column(header: Sequence[str], name: str, flag: str, where: str) -> int:
    """Return the index of the column with this name; if none is equal, case, `_` and `-` make no difference.

    Raises:
        DataError: no column has the name, or several have; the message says which flag asked for it.

    """
    found = [n for n in header if n == name] or [n for n in header if _folded(n) == _folded(name)]
    if len(found) != 1:
        problem = "several columns may be" if found else "no column is"
        raise DataError(f"{where}: {flag}: {problem} {name!r}; {_listed(header)}")
    return header.index(found[0])


def _find(header: Sequence[str], role: str, name: str | None, command: str, where: str) -> int:
    """Return the column of this name; without a name, the one whose name is known for the role."""
    if name is not None:
        return find_column(header, name, f"--{role}-column", where)
    found = _known(header, role)
    if len(found) == 1:
        return header.index(found[0])
    problem = f"{' and '.join(map(repr, found))} may be" if found else "no column has a known name for"
    flags = f"--{role}-column {shlex.quote(found[0]) if found else 'NAME'}"
    raise DataError(f"{where}: {problem} the {role}; {_listed(header)}; try: {command} {flags}")


def _known(header: Sequence[str], role: str) -> list[str]:
    return [name for name in header if _folded(name) in _KNOWN[role]]


def _folded(name: str) -> str:
    return " ".join(re.split(r"[\s_-]+", name.strip().casefold()))


def _listed(header: Sequence[str]) -> str:
    return f"the columns are {', '.join(header)}"
