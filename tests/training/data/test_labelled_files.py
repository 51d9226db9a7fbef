"""Labelled files of others."""

from pathlib import Path

import pytest

from tests.training.data.labelled import KAGGLE, T6, T26
from training.data.label_columns import LabelSettings
from training.data.labelled_files import LabelledFile, read_labelled_files
from worker.errors import DataError


def read(folder: Path, *contents: str | bytes, **settings: str | tuple[str, ...]) -> list[LabelledFile]:
    """Write the contents as 0.csv, 1.csv and so on, and read them."""
    paths = [folder / f"{n}.csv" for n in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_labelled_files(paths, LabelSettings(**settings))  # type: ignore[arg-type]


def test_the_known_files_are_read_as_they_are(tmp_path: Path) -> None:
    """CrisisLex's and Kaggle's files, in one call, need no flags; ids lose their quotes, texts nothing."""
    t6, t26, kaggle = read(tmp_path, T6, T26, KAGGLE)
    assert t6.ids == ["100000000000000001", "100000000000000002"]
    assert t6.texts == ['candles, batteries, "milk" :-\\\\', "the river is in our street, 3 dead"]
    assert t6.targets.tolist() == [0, 1]
    assert t26.targets.tolist() == [1, 1, 0]
    assert dict(t26.left_out) == {"Not applicable": 1}
    assert t26.texts[1] == "prego per voi tutti"
    assert (kaggle.texts, kaggle.targets.tolist(), kaggle.ids) == (["NA", "null"], [1, 0], ["1", "4"])


def test_other_columns_are_at_hand_as_groups(tmp_path: Path) -> None:
    """A column is found by its name, however it is written, and lacks the rows that are left out."""
    t26, kaggle = read(tmp_path, T26, KAGGLE)
    assert t26.column("information_source", "--by") == ["Media", "Outsiders", "Not labeled"]
    assert kaggle.column("keyword", "--by") == ["flood", ""]
    with pytest.raises(DataError, match=r"1\.csv: --by: no column is 'event'; the columns are id, keyword"):
        kaggle.column("event", "--by")


def test_a_file_without_ids_has_line_numbers(tmp_path: Path) -> None:
    """An id is not needed; the line, which an editor shows, names the row."""
    [file] = read(tmp_path, 'text,label\n"two\nlines",1\nfire,0\n')
    assert file.ids == ["2", "4"]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    """Spreadsheets write one at the start of UTF-8."""
    [file] = read(tmp_path, "\ufeff" + T6)
    assert file.ids[0] == "100000000000000001"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "0.csv is empty"),
        ("text,label\n", "0.csv has no rows below its header"),
        (T6 + "'3',a storm, roofs gone,on-topic\n", "line 4: the row has 4 fields, the header 3"),
        ("text,label\nstorm\rroofs gone,1\n", "line 2: the row has 1 fields, the header 2"),
        (T6 + "'3',\"a storm,on-topic\n'4',rain,off-topic\n", "line 4: the row that begins here is not CSV"),
        (T6 + "'3',\"a \"storm\" here\",on-topic\n", "line 4: the row that begins here is not CSV"),
        (T6 + "'3',  ,on-topic\n", "line 4: the row has no text"),
        (T6 + "'3',rain,\n", "line 4: the row has no label"),
        ("text,label\nfire,1\nrain,maybe\n", "0.csv: 'maybe' is not a label whose meaning is known; the labels are "
         "'1' (1), 'maybe' (1); say which mean a disaster: python -m training evaluate --positive maybe"),
        ("text,label\nfire,Not applicable\n", "no row means a disaster or none"),
        (b"text,label\nfire,1\nl\xe0,0\n", "line 3: not UTF-8"),
    ],
)  # fmt: skip
def test_a_file_that_may_be_misread_is_refused(content: str | bytes, message: str, tmp_path: Path) -> None:
    """No row is dropped, shifted or joined with another in silence: the message has the file and the line."""
    with pytest.raises(DataError) as refused:
        read(tmp_path, content)
    assert message in str(refused.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A wrong path is the user's mistake."""
    with pytest.raises(DataError, match=r"cannot read .*none\.csv: No such file"):
        read_labelled_files([tmp_path / "none.csv"], LabelSettings())


def test_a_label_that_a_flag_names_occurs_in_some_file(tmp_path: Path) -> None:
    """A slip of the pen would make every tweet of a class one of the other class."""
    files = read(tmp_path, "text,label\nfire,Flood\n", "text,label\nrain,rest\n", positive=("flood",))
    assert [file.targets.tolist() for file in files] == [[1], [0]]
    with pytest.raises(DataError, match=r"no row has the label 'flod'; the labels are 'Flood' \(1\), 'rest' \(1\)"):
        read(tmp_path, "text,label\nfire,Flood\nrain,rest\n", positive=("flod",))
