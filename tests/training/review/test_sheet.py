"""The review file: written, filled in here or elsewhere, read back."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.review.sheets import new_sheet
from training.data.reviewed import read_reviewed
from training.review.session import Session
from training.review.sheet import Sheet, read_sheet
from worker.errors import DataError, SettingError

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80).filter(str.strip)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(TEXTS, min_size=1, max_size=5), labels=st.lists(st.sampled_from(["disaster", "skip", ""])))
def test_a_sheet_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], labels: list[str]
) -> None:
    """Commas, quotation marks, line breaks of any kind and emoji are the tweet's, and come back as they were."""
    sheet = new_sheet(tmp_path_factory.mktemp("sheet") / "review.csv", *texts, labels=labels)
    sheet.save()
    assert read_sheet(sheet.path) == sheet


def test_a_spreadsheets_file_is_read(tmp_path: Path) -> None:
    """Excel saves with semicolons and a byte order mark, and people write 1, 0 and Disaster."""
    sheet = new_sheet(tmp_path / "review.csv", "a; b", "c", "d", "e")
    sheet.save()
    lines = sheet.path.read_text().splitlines()
    filled = [line.replace('"disaster,not_disaster"', "CHOICES").replace(",", ";") for line in lines]
    filled = [line.replace("CHOICES", '"disaster,not_disaster"') for line in filled]
    for n, label in enumerate(("1", " Disaster", "0", "SKIP"), 1):
        filled[n] = filled[n].replace(";;", f";{label};", 1)
    filled[1] = filled[1].replace("a; b", '"a; b"')
    sheet.path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(filled).encode())
    assert [row.label for row in read_sheet(sheet.path).rows] == ["disaster", "disaster", "not_disaster", "skip"]
    assert read_sheet(sheet.path).rows[0].text == "a; b"


def test_what_is_wrong_is_named(tmp_path: Path) -> None:
    """A label that means nothing has its line; another file is refused, and not overwritten."""
    sheet = new_sheet(tmp_path / "review.csv", "fire", labels=["maybe"])
    sheet.save()
    with pytest.raises(DataError, match=r"review.csv, line 2 \(id 1\): 'maybe' is not a label of a review; write"):
        read_sheet(sheet.path)
    other = tmp_path / "mine.csv"
    other.write_text("id,text\n1,fire\n")
    with pytest.raises(DataError, match="line 1: not a file that `review` wrote, it has no column label"):
        read_sheet(other)
    with pytest.raises(SettingError, match="cannot write"):
        new_sheet(tmp_path / "mine.csv" / "review.csv", "fire").save()


@settings(max_examples=60, deadline=None)
@given(actions=st.lists(st.sampled_from(["disaster", "not_disaster", "skip", "undo", "again"]), max_size=30))
def test_a_session_continues_where_it_ended(tmp_path_factory: pytest.TempPathFactory, actions: list[str]) -> None:
    """Whatever the person does, and wherever the process ends, the file has the answers that were not taken back."""
    path = tmp_path_factory.mktemp("session") / "review.csv"
    sheet = new_sheet(path, *map(str, range(6)))
    sheet.save()
    session, expected = Session(sheet), list[str]()
    for action in actions:
        if action == "again":
            session = Session(read_sheet(path))
        elif action == "undo":
            assert session.undo() == bool(expected)
            expected = expected[:-1]
        elif len(expected) < 6:
            session.answer(action)
            expected.append(action)
        assert session.done == len(expected)
        assert (session.row.text if session.row else None) == (str(len(expected)) if len(expected) < 6 else None)
    assert [row.label for row in read_sheet(path).rows] == expected + [""] * (6 - len(expected))


def test_a_sheet_is_whole_at_any_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is killed while it writes leaves the file with the answers before."""
    sheet = new_sheet(tmp_path / "review.csv", "fire", "flood")
    sheet.save()
    before = sheet.path.read_bytes()

    def killed(_file: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", killed)
    with pytest.raises(KeyboardInterrupt):
        sheet.answer(0, "disaster")
    assert sheet.path.read_bytes() == before
    assert isinstance(sheet, Sheet)


def test_classes_have_their_own_names(tmp_path: Path) -> None:
    """An artifact's own names are what a person writes, in any case, and 1 and 0 mean the same."""
    sheet = new_sheet(tmp_path / "review.csv", "a", "b", "c", labels=["FLOOD", "0", "1"])
    sheet.rows = [replace(row, choices="flood,other", predicted="flood") for row in sheet.rows]
    sheet.save()
    found = read_sheet(sheet.path)
    assert [row.label for row in found.rows] == ["flood", "other", "flood"]
    assert (found.classes, [row.labelled for row in found.rows]) == (("other", "flood"), [True] * 3)
    session = Session(found)
    session.undo()
    assert session.classes == ("other", "flood")
    reviewed = read_reviewed([sheet.path], classes=("other", "flood"))
    assert reviewed is not None
    assert reviewed.tweets["target"].tolist() == [1, 0]
