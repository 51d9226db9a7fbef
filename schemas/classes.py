"""Names of the two classes: what an artifact's labels are called."""

from typing import Annotated

from pydantic import AfterValidator, Field

CLASSES = ("not_disaster", "disaster")
"""Names of the targets 0 and 1, unless an artifact has others."""


def check_class_name(name: str) -> str:
    """Return the name.

    Raises:
        ValueError: it has a character that is not shown, such as a direction mark.

    """
    if not name.isprintable():
        raise ValueError("the name of a class has a character that is not shown")
    return name


def check_class_names(names: tuple[str, str]) -> tuple[str, str]:
    """Return the names.

    Raises:
        ValueError: they differ in nothing but case.

    """
    if names[0].casefold() == names[1].casefold():
        raise ValueError("the two classes have the same name")
    return names


ClassName = Annotated[
    str, Field(min_length=1, max_length=64, pattern=r"^[^\s,]+( [^\s,]+)*$"), AfterValidator(check_class_name)
]
"""Words without commas, with single spaces between them."""
ClassNames = Annotated[tuple[ClassName, ClassName], AfterValidator(check_class_names)]
"""Names of the targets 0 and 1: two different ones."""
