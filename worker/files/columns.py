"""Which columns of a table hold the text, the id and the label. Pure."""

import re
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence

from worker.errors import DataError

_KNOWN = {
    "text": ("text", "tweet", "tweet text", "full text"),
    "label": ("target", "label", "informativeness", "choose one", "class label"),
    "id": ("id", "tweet id", "tweetid", "id str"),
}


def check_unique(header: Sequence[str], where: str) -> None:
    """Check that no two columns have one name.

    Raises:
        DataError: two have.

    """
    repeated = [name for name, count in Counter(header).items() if count > 1]
    if repeated:
        raise DataError(f"{where}: two columns are called {repeated[0]!r}: rename one; {_listed(header)}")


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


def find_role(header: Sequence[str], role: str, name: str | None, again: str, where: str) -> int:
    """Return the index of the column of this name; without a name, of the one whose name is known for the role.

    Args:
        header: names of the columns.
        role: `text`, `label` or `id`.
        name: the user's choice.
        again: the command that a message asks the user to try.
        where: file and line, for messages.

    Raises:
        DataError: there is none, or several may be meant.

    """
    if name is not None:
        return find_column(header, name, f"--{role}-column", where)
    found = known_columns(header, role)
    if len(found) == 1:
        return header.index(found[0])
    problem = f"{' and '.join(map(repr, found))} may be" if found else "no column has a known name for"
    raise DataError(f"{where}: {problem} the {role}; {_listed(header)}; try: {again}")


def missing_flags(header: Sequence[str], chosen: Mapping[str, str | None], guesses: Mapping[str, str]) -> str:
    """Return the flags of the roles whose column is not clear, each after a space.

    Args:
        header: names of the columns.
        chosen: the user's choice of each role.
        guesses: a column for a role without a known name; without a guess it is NAME.

    """
    flags = ""
    for role, name in chosen.items():
        known = known_columns(header, role)
        if name is None and len(known) != 1:
            flags += f" --{role}-column {shlex.quote(known[0] if known else guesses.get(role, 'NAME'))}"
    return flags


def known_columns(header: Sequence[str], role: str) -> list[str]:
    """Return the columns whose names are known for the role."""
    return [name for name in header if _folded(name) in _KNOWN[role]]


def _folded(name: str) -> str:
    return " ".join(re.split(r"[\s_-]+", name.strip().casefold()))


def _listed(header: Sequence[str]) -> str:
    return f"the columns are {', '.join(header)}"
