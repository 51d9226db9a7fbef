"""Which labels of a file mean a disaster. Pure."""

import shlex
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from schemas import CLASSES
from training.data.label_columns import LabelSettings
from worker.errors import DataError

_POSITIVE = {
    "1", "1.0", "true", "disaster", "on-topic", "related and informative", "related - but not informative", "relevant",
    "caution_and_advice", "displaced_people_and_evacuations", "infrastructure_and_utility_damage",
    "injured_or_dead_people", "missing_or_found_people", "other_relevant_information", "requests_or_urgent_needs",
    "rescue_volunteering_or_donation_effort", "sympathy_and_support",
}  # fmt: skip
_NEGATIVE = {"0", "0.0", "false", "not_disaster", "off-topic", "not related", "not relevant", "not_humanitarian"}
_NEITHER = {"not applicable", "can't decide", "dont_know_cant_judge", "skip"}
_SHOWN = 10  # labels that a message lists

Meanings = Mapping[str, int | None]
"""The target of each label, 0 or 1; None for a label whose rows are left out."""


def find_meanings(
    labels: Counter[str], settings: LabelSettings, where: str, places: Mapping[str, str] = MappingProxyType({})
) -> Meanings:
    """Return what each label means.

    `positive` alone makes all other labels 0, `negative` alone makes them 1; with both, the others are left out. With
    neither, the names of the classes are known, and the labels of Kaggle's, CrisisLex's, HumAID's and Figure Eight's
    files. Case makes no difference.

    Args:
        labels: the number of rows with each label.
        settings: the user's.
        where: the file, for messages.
        places: file, line and id of the first row with each label, for messages.

    Raises:
        DataError: the meaning of a label is not known.

    """
    positive, negative = set(map(str.casefold, settings.positive)), set(map(str.casefold, settings.negative))
    if not (positive or negative):
        negative, positive = _known_labels(settings)
        _check_known(labels, settings, where, places)
    other = None if positive and negative else int(not positive)
    return {label: _meaning(label.casefold(), positive, negative, other) for label in labels}


def _meaning(label: str, positive: Collection[str], negative: Collection[str], other: int | None) -> int | None:
    return 1 if label in positive else 0 if label in negative else other


def known_meaning(label: str) -> int | None:
    """Return what a label means in the files that are known; None for one that is not."""
    return _meaning(label.casefold(), _POSITIVE, _NEGATIVE, None)


def _known_labels(settings: LabelSettings) -> tuple[set[str], set[str]]:
    """Return the labels that mean 0 and 1 without a flag; the names of the classes are the user's word."""
    names = settings.classes if isinstance(settings.classes, tuple) else CLASSES
    negative, positive = ({name.casefold()} for name in names)
    return negative | (_NEGATIVE - positive), positive | (_POSITIVE - negative)


def _check_known(labels: Counter[str], settings: LabelSettings, where: str, places: Mapping[str, str]) -> None:
    negative, positive = _known_labels(settings)
    unknown = [label for label in labels if label.casefold() not in positive | negative | _NEITHER]
    if unknown:
        raise DataError(
            f"{places.get(unknown[0], where)}: {unknown[0]!r} is not a label whose meaning is known; the labels are "
            f"{counted(labels)}; correct it, or say which mean a disaster: "
            f"{settings.command}{_guessed(labels, unknown)}"
        )


def _guessed(labels: Counter[str], unknown: Sequence[str]) -> str:
    """Return the flags to try: the known labels, which leave the others out, or the first unknown one."""
    known = [[label for label in labels if label.casefold() in names] for names in (_POSITIVE, _NEGATIVE)]
    positive, negative = (shlex.quote(",".join(names)) for names in known)
    if all(known):
        return f" --positive {positive} --negative {negative}"
    return f" --positive {shlex.quote(unknown[0])}"


def check_given(settings: LabelSettings, labels: Counter[str]) -> None:
    """Check that each label that a flag names occurs, and under one flag.

    Raises:
        DataError: it does not; it may be a slip of the pen.

    """
    found = set(map(str.casefold, labels))
    for label in (*settings.positive, *settings.negative):
        if label.casefold() not in found:
            raise DataError(f"no row has the label {label!r}; the labels are {counted(labels)}")
    if both := set(map(str.casefold, settings.positive)) & set(map(str.casefold, settings.negative)):
        raise DataError(f"the label {both.pop()!r} is in --positive and in --negative: name it once")


def counted(labels: Counter[str]) -> str:
    """Return the most frequent labels with their rows, for a message."""
    shown = ", ".join(f"{label!r} ({rows:,})" for label, rows in labels.most_common(_SHOWN))
    return shown if len(labels) <= _SHOWN else f"{shown} and {len(labels) - _SHOWN:,} others"
