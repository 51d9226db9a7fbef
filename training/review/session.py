"""A review in progress: which tweet is shown, answers, undo. Pure but for the file that keeps the answers."""

from schemas import ClassNames
from training.review.sheet import Sheet, SheetRow


class Session:
    """Goes through the rows of a review file that have no label yet.

    Args:
        sheet: written after each answer, so that the next session continues where this one ends.

    """

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._answered = [n for n, row in enumerate(sheet.rows) if row.label]
        self._at = self._next()

    @property
    def row(self) -> SheetRow | None:
        """The tweet to show; None where all have a label."""
        return None if self._at is None else self._sheet.rows[self._at]

    @property
    def classes(self) -> ClassNames:
        """Names of the targets 0 and 1."""
        return self._sheet.classes

    @property
    def done(self) -> int:
        """Rows with an answer."""
        return len(self._answered)

    @property
    def total(self) -> int:
        """Rows."""
        return len(self._sheet.rows)

    def answer(self, label: str) -> None:
        """Set the shown tweet's label and go to the next one."""
        if self._at is not None:
            self._sheet.answer(self._at, label)
            self._answered.append(self._at)
            self._at = self._next()

    def undo(self) -> bool:
        """Take the last answer back, also of an earlier session, and show its tweet; return whether there is one."""
        if not self._answered:
            return False
        self._at = self._answered.pop()
        self._sheet.answer(self._at, "")
        return True

    def _next(self) -> int | None:
        return next((n for n, row in enumerate(self._sheet.rows) if not row.label), None)
