"""Rows for the measurement of training: as many as asked for, and no two alike."""

import pytest

from benchmarks.training.rows import Row, as_frame, draw_rows

GIVEN = [Row("flood", f"the dam of village {n} broke at {n} in the night", n % 2) for n in range(40)]


@pytest.mark.parametrize("number", [1, 40, 100])
def test_there_are_as_many_rows_as_asked_for(number: int) -> None:
    """Given rows come first, each once; made ones follow, and every run makes the same."""
    rows = draw_rows(GIVEN, number)
    assert len(rows) == number
    assert {*rows[:40]} <= {*GIVEN}
    assert len({*rows[:40]}) == min(number, 40)
    assert rows == draw_rows(GIVEN, number)


def test_made_rows_have_the_words_of_the_given_ones() -> None:
    """A vocabulary that grew with the rows would cost more than more tweets do; their groups tell them apart."""
    given, made = GIVEN, draw_rows(GIVEN, 100)[40:]
    assert {word for row in made for word in row.text.split()} <= {word for row in given for word in row.text.split()}
    assert {row.group for row in made} <= {f"flood {n}" for n in range(5)}
    assert sum(row.text in {one.text for one in given} for row in made) < 5


def test_the_frame_is_what_fit_reads() -> None:
    """The columns have the names that training finds by itself; an id is not repeated."""
    table = as_frame(draw_rows(GIVEN, 50))
    assert list(table) == ["id", "event", "text", "target"]
    assert table.id.is_unique
