"""CSV and its kin, read strictly."""

import io

import pytest

from worker.files.delimited import read_delimited
from worker.files.types import BadRow, Row


def read(text: str, delimiter: str | None = None) -> list[Row | BadRow]:
    """Return the header and the rows."""
    return list(read_delimited(io.StringIO(text, newline=""), delimiter))


@pytest.mark.parametrize(
    "text",
    ["id,text\n1,a\n", "id;text\r\n1;a", "id\ttext\n1\ta\n\n", "id|text\n1|a\n", "\n\nid,text\n1,a\n",
     '"id","text"\n"1","a"\n', "sep=|\nid|text\n1|a\n"],
)  # fmt: skip
def test_the_delimiter_is_found(text: str) -> None:
    """The first line tells it; empty lines and Excel's hint are not rows."""
    assert [row.fields for row in read(text) if isinstance(row, Row)] == [["id", "text"], ["1", "a"]]


def test_rows_have_the_number_of_their_first_line() -> None:
    """A message leads to the line that an editor shows, also below texts of several lines."""
    assert [row.line for row in read('id,text\n1,"two\nlines"\n\n2,b\n')] == [1, 2, 5]


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("id,text\n11,Storm, roofs gone\n2,b\n", "the row has 3 fields, the header 2 (id, text)"),
        ("id,text\n11,Storm,\n2,b\n", "no comma ends a row"),
        ("id,text\nstorm\n2,b\n", "the row has 1 fields"),
        ('id,text\n11,"a storm\n2,b\n', "the row that begins here is not CSV: unexpected end of data"),
        ('id,text\n11,"he said "run""\n2,b\n', "is not CSV: ',' expected after '\"'"),
        ('id,text\n11,"he said \\"run\\""\n2,b\n', "a backslash before it is not enough"),
        ("id,text\n11,l\udce0\n2,b\n", "byte 0xe0 is not UTF-8"),
    ],
)
def test_a_bad_row_costs_only_its_line(text: str, bad: str) -> None:
    """It says what is wrong; the next row is read as it is."""
    header, wrong, good = read(text)
    assert isinstance(wrong, BadRow)
    assert (wrong.line, bad in wrong.why) == (2, True)
    assert (header, good) == (Row(1, ["id", "text"]), Row(3, ["2", "b"]))


def test_a_stray_quotation_mark_does_not_swallow_the_file() -> None:
    """800 rows below one that opens a quotation mark are still 800 rows."""
    rows = [f'{n},"fire, {n}"' if n % 7 else f"{n},rain" for n in range(800)]
    found = read("\n".join(["id,text", '99,"storm', *rows]))
    assert [row.line for row in found if isinstance(row, BadRow)] == [2]
    assert [row.fields[0] for row in found[2:] if isinstance(row, Row)] == [str(n) for n in range(800)]


def test_a_lone_carriage_return_does_not_split_a_row_in_silence() -> None:
    """Both halves are bad rows; in quotation marks it is part of the text."""
    assert [type(row) for row in read("id,text,label\n1,storm\rroofs gone,1\n2,b,0\n")] == [Row, BadRow, BadRow, Row]
    assert read('id,text\n1,"storm\rroofs"\n')[1] == Row(2, ["1", "storm\rroofs"])


def test_quotation_marks_in_tabs_are_text() -> None:
    """Files with tabs often come without quotation; a field that is quoted as a whole loses its marks."""
    text = 'id\ttext\n1\t"Fire" in town\n2\t"stray\n3\t"all of it"\n4\tthe "end"\n'
    assert [row.fields[1] for row in read(text, "\t")[1:] if isinstance(row, Row)] == [
        '"Fire" in town', '"stray', "all of it", 'the "end"',
    ]  # fmt: skip


def test_a_column_without_a_name_gets_one() -> None:
    """Spreadsheets end each line with a comma where a column was deleted."""
    assert read("id,text,\n1,a,\n") == [Row(1, ["id", "text", "column 3"]), Row(2, ["1", "a", ""])]
