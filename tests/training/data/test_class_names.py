"""Names of the two classes of a data set."""

import pytest

from schemas import CLASSES
from training.data.class_names import choose_class_names, parse_class_names
from training.data.label_classes import Meanings
from training.data.label_columns import NameChoice
from worker.errors import SettingError


@pytest.mark.parametrize(
    ("text", "choice"), [("relevant, irrelevant", ("irrelevant", "relevant")), ("labels", "labels")]
)
def test_the_first_name_is_that_of_the_target_1(text: str, choice: NameChoice) -> None:
    """The user names first what is looked for; the manifest has the names by target."""
    assert parse_class_names(text) == choice


@pytest.mark.parametrize(
    ("text", "message"),
    [("relevant", "neither two names"), ("a,b,c", "neither two names"), ("a,A", "same name"), ("a,", "'': ")],
)
def test_other_texts_are_refused(text: str, message: str) -> None:
    """The message says which name is wrong, and why."""
    with pytest.raises(ValueError, match=message):
        parse_class_names(text)


@pytest.mark.parametrize(
    ("choice", "meanings", "names"),
    [
        (None, {"Relevant": 1, "Not Relevant": 0}, CLASSES),
        (
            "labels",
            {"Relevant": 1, "relevant": 1, "Not Relevant": 0, "Can't Decide": None},
            ("Not Relevant", "Relevant"),
        ),
        (("dry", "wet"), {"1": 1, "0": 0}, ("dry", "wet")),
        (("off-topic", "on-topic"), {"on-topic": 1, "off-topic": 0}, ("off-topic", "on-topic")),
    ],
)
def test_names_are_the_users_or_the_labels(choice: NameChoice, meanings: Meanings, names: tuple[str, str]) -> None:
    """The files' own labels become names only where the user asks for it."""
    assert choose_class_names(choice, meanings) == names


@pytest.mark.parametrize(
    ("choice", "meanings", "message"),
    [
        ("labels", {"flood": 1, "fire": 1, "rest": 0}, "'rest' of target 0 and 'flood', 'fire' of target 1"),
        ("labels", {"flood": 1}, "none of target 0"),
        ("labels", {"a,b": 1, "c": 0}, "'a,b': String should match"),
        (("relevant", "irrelevant"), {"relevant": 1, "irrelevant": 0}, "try --classes relevant,irrelevant"),
        (("disaster", "not_disaster"), {"1": 1, "0": 0}, "the label 'disaster' means 1"),
    ],
)
def test_names_that_contradict_the_labels_are_refused(choice: NameChoice, meanings: Meanings, message: str) -> None:
    """Two swapped names would make every label of the worker say the opposite."""
    with pytest.raises(SettingError, match=message):
        choose_class_names(choice, meanings)
