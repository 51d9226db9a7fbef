"""Names of the two classes: the user's, or a file's own two labels. Pure."""

from collections.abc import Sequence

from pydantic import TypeAdapter, ValidationError

from schemas import CLASSES, ClassNames
from training.data.label_classes import Meanings, known_meaning
from training.data.label_columns import NameChoice
from worker.errors import SettingError

_SHOWN = 5  # labels that a message lists

_NAMES: TypeAdapter[ClassNames] = TypeAdapter(ClassNames)


def parse_class_names(text: str) -> NameChoice:
    """Return the choice that a user wrote: `disaster,not_disaster`, the target 1 first, or `labels`.

    Raises:
        ValueError: the text is neither, or a name is not allowed; the message says why.

    """
    names = [name.strip() for name in text.split(",")]
    if names == ["labels"]:
        return "labels"
    if len(names) != 2:
        raise ValueError(f"{text!r} is neither two names, such as relevant,irrelevant, nor 'labels' for the file's own")
    return check_class_names((names[1], names[0]))


def check_class_names(names: ClassNames) -> ClassNames:
    """Return the names of the targets 0 and 1.

    Raises:
        ValueError: they are the same, or one is not allowed; the message says why.

    """
    try:
        return _NAMES.validate_python(names)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        what = f"{names[int(first['loc'][0])]!r}" if first["loc"] else " and ".join(map(repr, names))
        raise ValueError(
            f"{what}: {first['msg'].removeprefix('Value error, ')}; names have 1 to 64 characters, single spaces and "
            "no commas, and differ in more than case"
        ) from None


def choose_class_names(choice: NameChoice, meanings: Meanings) -> ClassNames:
    """Return the names of the targets 0 and 1 for files whose labels have these meanings.

    Raises:
        SettingError: the files' own labels cannot be names, or a name is a label of the other class.

    """
    if choice is None:
        return CLASSES
    if choice == "labels":
        return _own_labels(meanings)
    _check_order(choice, meanings)
    return choice


def _own_labels(meanings: Meanings) -> ClassNames:
    of_class = [_labels_of(meanings, target) for target in (0, 1)]
    if any(len(labels) != 1 for labels in of_class):
        counts = " and ".join(f"{_listed(labels)} of target {target}" for target, labels in enumerate(of_class))
        raise SettingError(
            f"--classes labels needs one label of each class; there are {counts}; "
            "name the classes: --classes NAME,NAME, the target 1 first"
        )
    try:
        return check_class_names((of_class[0][0], of_class[1][0]))
    except ValueError as error:
        raise SettingError(f"--classes labels: {error}; name the classes: --classes NAME,NAME") from None


def _labels_of(meanings: Meanings, target: int) -> list[str]:
    """Return the labels of a class, each as it is written first; case makes no difference."""
    found: dict[str, str] = {}
    for label in (label for label, meaning in meanings.items() if meaning == target):
        found.setdefault(label.casefold(), label)
    return list(found.values())


def _listed(labels: Sequence[str]) -> str:
    return ", ".join(map(repr, labels[:_SHOWN])) + (" and others" if len(labels) > _SHOWN else "") or "none"


def _check_order(names: ClassNames, meanings: Meanings) -> None:
    by_case = {label.casefold(): target for label, target in meanings.items()}
    for target, name in enumerate(names):
        if by_case.get(name.casefold(), known_meaning(name)) == 1 - target:
            raise SettingError(
                f"--classes {names[1]},{names[0]}: the first name is that of the target 1, the second that of the "
                f"target 0, but the label {name!r} means {1 - target}; try --classes {names[0]},{names[1]}"
            )
