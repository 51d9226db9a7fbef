"""Which columns of a labelled file hold the text, the label and the id. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from schemas import ClassNames
from worker.files.columns import check_unique, find_role, known_columns, missing_flags
from worker.files.types import OnBadRow, Row

_CLASSES = 20  # labels of a column that may be that of the labels
_LOOKED_AT = 1000  # rows

NameChoice = ClassNames | Literal["labels"] | None
"""Names of the targets 0 and 1, or `labels` for the file's own; None for the default names."""


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
    encoding: str | None = None
    on_bad_row: OnBadRow = "refuse"
    classes: NameChoice = None
    """Labels with the names of the classes have these meanings."""


class Columns(NamedTuple):
    """Indices of a file's columns."""

    text: int
    label: int | None
    """None where labels are not read."""
    id: int | None


def find_columns(
    header: Sequence[str], settings: LabelSettings, where: str, rows: Sequence[Row] = (), *, labelled: bool = True
) -> Columns:
    """Return the columns that the settings name, else those with known names.

    Args:
        header: names of the columns.
        settings: the user's.
        where: file and line, for messages.
        rows: to guess the flags from that a message asks to try.
        labelled: whether there is a column of labels.

    Raises:
        DataError: a column is missing, or several may be meant.

    """
    check_unique(header, where)
    chosen = {"text": settings.text_column, "label": settings.label_column, "id": settings.id_column}
    if not labelled:
        del chosen["label"]
    if settings.id_column is None and not known_columns(header, "id"):
        del chosen["id"]
    again = settings.command + missing_flags(header, chosen, guess_columns(header, rows))
    found = {role: find_role(header, role, name, again, where) for role, name in chosen.items()}
    return Columns(found["text"], found.get("label"), found.get("id"))


def guess_columns(header: Sequence[str], rows: Sequence[Row]) -> Mapping[str, str]:
    """Return the column that looks like the texts, the longest, and like the labels: few values, each of them often."""
    if not rows:
        return {}
    columns = list(zip(*(row.fields for row in rows[:_LOOKED_AT]), strict=True))
    text = max(range(len(header)), key=lambda n: sum(map(len, columns[n])))
    classes = {n: len(set(values)) for n, values in enumerate(columns) if n != text}
    likely = [n for n, values in classes.items() if 1 < values <= min(_CLASSES, max(2, len(rows) // 2))]
    label = {"label": header[min(likely, key=lambda n: (classes[n], -n))]} if likely else {}
    return {"text": header[text], **label}
