"""Files of every kind."""

from pathlib import Path

import pytest

from tests.worker.files.examples import CSV, EXAMPLES, FLAT, FLAT_EXAMPLES, OBJECTS, ROWS, zipped
from worker.errors import DataError
from worker.files.tables import find_format
from worker.files.types import Row


def rows(path: Path) -> list[tuple[str, ...]]:
    """Return the rows of a table, or the values of JSON, without the header."""
    file = find_format(path)
    if file.kind == "json":
        return [tuple(entry.value.values()) for entry in file.entries()]
    header, *found = file.rows()
    assert isinstance(header, Row)
    assert header.fields == list(OBJECTS[0])
    return [tuple(row.fields) for row in found if isinstance(row, Row)]


@pytest.mark.parametrize("name", [*EXAMPLES, *FLAT_EXAMPLES])
def test_every_kind_of_file_holds_the_same_tweets(name: str, tmp_path: Path) -> None:
    """Format, delimiter, encoding and packing are found out, and no character is lost."""
    path = tmp_path / name
    path.write_bytes((EXAMPLES | FLAT_EXAMPLES)[name])
    assert rows(path) == (ROWS if name in EXAMPLES else FLAT)
    assert rows(path) == rows(path), "it can be read again"


def test_only_other_encodings_are_remarked_on(tmp_path: Path) -> None:
    """The remark names the file."""
    remarks = {}
    for name, content in (EXAMPLES | FLAT_EXAMPLES).items():
        (tmp_path / name).write_bytes(content)
        remarks[name] = find_format(tmp_path / name).remark
    assert {name for name, remark in remarks.items() if remark} == {
        "windows.csv", "unicode.csv", "unmarked.csv", "wide.jsonl", "tabs.txt",
    }  # fmt: skip
    assert remarks["windows.csv"].startswith(f"{tmp_path / 'windows.csv'} is not UTF-8, read as cp1252")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "a.csv is empty"),
        ("a.zip", zipped({"train.csv": b"", "test.csv": b""}), "has 2 files (train.csv, test.csv): unpack it"),
        ("a.xlsx", zipped({"xl/workbook.xml": b""}), "is an Excel workbook: save the sheet as CSV in UTF-8"),
        ("a.ods", zipped({"content.xml": b""}), "is an OpenDocument spreadsheet"),
        ("a.xls", b"\xd0\xcf\x11\xe0....", "is an Excel workbook"),
        ("a.csv.gz", EXAMPLES["packed.csv.gz"][:30], "a.csv.gz is damaged"),
        ("a.zip", zipped({"a.csv": CSV.encode()})[:40], "a.zip is damaged"),
        ("a.parquet", b"PAR1....", "is not Parquet or is damaged"),
        ("a.csv", "id,text\nfire".encode("utf-16")[:-1], "--encoding names the file's encoding"),
        ("none.csv", None, "cannot read"),
    ],
)
def test_what_cannot_be_read_is_one_line(name: str, content: bytes | None, message: str, tmp_path: Path) -> None:
    """The message says what the file is and what to do."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as refused:
        list(find_format(tmp_path / name).rows())
    assert message in str(refused.value)


def test_an_encrypted_zip_is_one_line(tmp_path: Path) -> None:
    """The password is not asked for."""
    content = bytearray(zipped({"a.csv": CSV.encode()}))
    content[6], content[content.index(b"PK\1\2") + 8] = 1, 1
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(DataError, match="a.zip cannot be unpacked: .*password required"):
        find_format(tmp_path / "a.zip")
