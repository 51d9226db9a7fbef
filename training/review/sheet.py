"""The review file: a CSV with a row for each picked tweet, whose label a person fills in, here or in a spreadsheet."""

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from schemas import CLASSES, ClassNames
from training.data.table import read_table
from worker.errors import DataError, SettingError
from worker.files.types import Row

COLUMNS = (
    "id",
    "text",
    "label",
    "picked_for",
    "pick_probability",
    "copies",
    "predicted",
    "probability",
    "stage",
    "choices",
)


@dataclass(frozen=True)
class SheetRow:
    """A picked tweet."""

    id: str
    text: str
    label: str
    """A class, `skip`, or empty where no person has seen it."""
    picked_for: str
    pick_probability: str
    copies: str
    """Tweets of the stream that it stands for."""
    predicted: str
    """The class that the cascade gave it."""
    probability: str
    stage: str
    choices: str = ",".join(CLASSES[::-1])
    """Names of the two classes, which have no commas; that of the target 1 first."""
    others: tuple[str, ...] = ()
    """Values of the columns that group tweets."""

    @property
    def labelled(self) -> bool:
        """Whether a person gave it a class."""
        return self.label in self.choices.split(",")


@dataclass
class Sheet:
    """A review file."""

    path: Path
    rows: list[SheetRow]
    others: tuple[str, ...] = ()
    """Names of the columns that group tweets, such as `event`."""

    @property
    def classes(self) -> ClassNames:
        """Names of the targets 0 and 1."""
        return _classes(self.rows[0].choices) if self.rows else CLASSES

    def answer(self, row: int, label: str) -> None:
        """Set a row's label and write the file: no answer is lost if the process is killed."""
        self.rows[row] = replace(self.rows[row], label=label)
        self.save()

    def save(self) -> None:
        """Write the file, whole or not at all.

        Raises:
            SettingError: it cannot be written.

        """
        part = self.path.with_name(f".{self.path.name}.part")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow([*COLUMNS, *self.others])
                writer.writerows([*(getattr(row, name) for name in COLUMNS), *row.others] for row in self.rows)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.path)
        except OSError as error:
            raise SettingError(f"cannot write {self.path}: {error.strerror}") from error


def read_sheet(path: Path) -> Sheet:
    """Read a review file, also as a spreadsheet has saved it.

    Raises:
        DataError: it is another file, a row cannot be read, or a label is unknown.

    """
    table = read_table(path)
    if missing := [name for name in COLUMNS if name not in table.header]:
        raise DataError(
            f"{path}, line {table.line}: not a file that `review` wrote, it has no column {missing[0]}; the columns "
            f"are {', '.join(table.header)}; name another file with --out"
        )
    others = tuple(name for name in table.header if name not in COLUMNS)
    return Sheet(path, [_row(path, row, table.header, others) for row in table.rows], others)


def _row(path: Path, row: Row, header: Sequence[str], others: Sequence[str]) -> SheetRow:
    values = dict(zip(header, row.fields, strict=True))
    classes = _classes(values["choices"])
    known_labels = {name.casefold(): name for name in (*classes, "skip", "")} | {"1": classes[1], "0": classes[0]}
    label = known_labels.get(values["label"].strip().casefold())
    if label is None:
        raise DataError(
            f"{path}, line {row.line} (id {values['id']}): {values['label']!r} is not a label of a review; write "
            f"{classes[1]}, {classes[0]}, skip, or nothing"
        )
    known = {name: values[name] for name in COLUMNS} | {"label": label}
    return SheetRow(**known, others=tuple(values[name] for name in others))


def _classes(choices: str) -> ClassNames:
    positive, _, negative = choices.partition(",")
    return (negative.strip(), positive.strip())
