"""Names of the two classes."""

import pytest
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter, ValidationError

from schemas import CLASSES, ClassNames, Label

NAMES: TypeAdapter[tuple[str, str]] = TypeAdapter(ClassNames)


@pytest.mark.parametrize("names", [CLASSES, ("Not Relevant", "Relevant"), ("сухо", "наводнение"), ("0", "1")])
def test_words_of_any_language_are_names(names: tuple[str, str]) -> None:
    """People name classes in their own language; the exported schema allows what the code does."""
    assert NAMES.validate_python(names) == names
    schema = Draft202012Validator(Label.model_json_schema()["properties"]["label"])
    for name in names:
        schema.validate(name)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("flood", "Flood"), "the same name"),
        (("", "flood"), "at least 1"),
        (("x" * 65, "flood"), "at most 64"),
        (("a,b", "flood"), "pattern"),
        ((" a", "flood"), "pattern"),
        (("a  b", "flood"), "pattern"),
        (("a\nb", "flood"), "pattern"),
        (("a\u202eb", "flood"), "not shown"),
    ],
)
def test_what_consumers_could_confuse_is_refused(names: tuple[str, str], message: str) -> None:
    """Consumers compare names, and people read them in terminals, metrics and lists with commas."""
    with pytest.raises(ValidationError, match=message):
        NAMES.validate_python(names)
