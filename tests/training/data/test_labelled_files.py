"""Labelled files of others."""

import json
from pathlib import Path

import pytest

from tests.training.data.labelled import KAGGLE, T6, T26
from tests.worker.files.examples import EXAMPLES, FLAT, FLAT_EXAMPLES, ROWS
from tests.worker.files.test_json_entries import PAGE
from training.data.label_columns import LabelSettings
from training.data.labelled_files import LabelledFile, read_labelled_files, read_tweet_file
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
        ("text,label\nfire,1\nrain,maybe\n", "0.csv, line 3: 'maybe' is not a label whose meaning is known; the labels "
         "are '1' (1), 'maybe' (1); correct it, or say which mean a disaster: python -m training evaluate --positive "
         "maybe"),
        ("id,text,label\n1,a,1\n2,b,0\n9,c,2\n", "0.csv, line 4 (id 9): '2' is not a label whose meaning is known; the "
         "labels are '1' (1), '0' (1), '2' (1); correct it, or say which mean a disaster: python -m training evaluate "
         "--positive 1 --negative 0"),
        ("text,label\nfire,Not applicable\n", "no row means a disaster or none"),
        ("text,label\nfire,1\ncafé,1\n".encode() + b"l\xe0,0\n", "line 4: byte 0xe0 is not UTF-8"),
        ("id,text,label\n1,a,1\n ,b,0\n", "line 3: the row has no id"),
        ("id,text,label\n1," + "a" * 25_001 + ",1\n", "line 2: the text has 25,001 characters"),
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


@pytest.mark.parametrize("name", [*EXAMPLES, *FLAT_EXAMPLES])
def test_every_kind_of_file_is_read(name: str, tmp_path: Path) -> None:
    """The same two tweets come from CSV, TSV, JSON and Parquet, packed or not, in any encoding."""
    (tmp_path / name).write_bytes((EXAMPLES | FLAT_EXAMPLES)[name])
    [file] = read_labelled_files([tmp_path / name], LabelSettings())
    expected = ROWS if name in EXAMPLES else FLAT
    assert (file.ids, file.texts) == (["11", "12"], [text for _, text, _ in expected])
    assert file.targets.tolist() == [1, 0]


def test_values_that_are_no_strings_are_labels_too(tmp_path: Path) -> None:
    """Whole numbers, decimals and truth values of JSON mean what they mean in a table."""
    (tmp_path / "a.jsonl").write_text(
        '{"id": 1250181234567890123, "text": "fire", "label": 1}\n{"id": 2, "text": "tea", "label": 0.0}\n'
        '{"id": 3, "text": "flood", "label": true, "lang": null}\n'
    )
    [file] = read_labelled_files([tmp_path / "a.jsonl"], LabelSettings())
    assert (file.ids[0], file.targets.tolist()) == ("1250181234567890123", [1, 0, 1])
    assert file.column("lang", "--by") == ["", "", ""]


def test_tweets_of_apis_have_their_whole_text(tmp_path: Path) -> None:
    """A page of X's API, and a tweet of the former one with both a cut and a whole text, need no flags."""
    path = tmp_path / "twarc.jsonl"
    old = {"id": 3, "id_str": "3", "text": "cut…", "full_text": "the whole tweet", "truncated": True, "lang": "en"}
    path.write_text(json.dumps(PAGE) + "\n" + json.dumps(old) + "\n")
    rows = read_tweet_file(path, LabelSettings())
    assert rows.ids == ["1", "2", "3"]
    assert rows.texts == ["Storm over the bay", "the whole text", "the whole tweet"]
    assert rows.column("lang", "--by") == ["", "", "en"]


def test_bad_rows_are_skipped_if_the_user_says_so(tmp_path: Path) -> None:
    """They are counted and shown; what is left is trained on."""
    path = tmp_path / "a.csv"
    path.write_text('id,text,label\n1,fire,1\n2,Storm, roofs gone,1\n3,"stray,1\n4,,0\n5,rain,\n6,tea,0\n')
    [file] = read_labelled_files([path], LabelSettings(on_bad_row="skip"))
    assert (file.ids, file.targets.tolist()) == (["1", "6"], [1, 0])
    assert file.remarks[0] == f"{path}: 4 bad rows are left out"
    assert [remark.split(":")[0].strip() for remark in file.remarks[1:]] == [f"line {n}" for n in (3, 4, 5, 6)]
    with pytest.raises(DataError, match="line 3: the row has 4 fields"):
        read_labelled_files([path], LabelSettings())


def test_a_file_of_bad_rows_only_is_refused(tmp_path: Path) -> None:
    """Nothing would be left of it."""
    with pytest.raises(DataError, match=r"0\.csv has no row that can be read: the row has no text"):
        read(tmp_path, "text,label\n,1\n,0\n", on_bad_row="skip")


def test_what_is_noticed_is_said(tmp_path: Path) -> None:
    """Another encoding, and ids that a spreadsheet has rounded."""
    content = "id,text,label\n1.25018E+18,dégâts à Montréal,1\n1.25018E+18,thé,0\n".encode("cp1252")
    [file] = read(tmp_path, content)
    assert file.texts == ["dégâts à Montréal", "thé"]
    assert "read as cp1252" in file.remarks[0]
    assert "a spreadsheet has rounded 2 ids" in file.remarks[1]


def test_labels_of_humaid_are_known(tmp_path: Path) -> None:
    """Its files have tabs, a class for each kind of information, and one for none."""
    path = tmp_path / "event.tsv"
    path.write_text(
        'tweet_id\ttweet_text\tclass_label\n1\t"Roads closed" says the town\tinfrastructure_and_utility_damage\n'
        "2\tgood morning\tnot_humanitarian\n3\thm\tdont_know_cant_judge\n"
    )
    [file] = read_labelled_files([path], LabelSettings())
    assert (file.texts[0], file.targets.tolist()) == ('"Roads closed" says the town', [1, 0])
    assert file.all_remarks() == [f"{path}: 1 rows are left out, whose label means neither: 'dont_know_cant_judge' (1)"]
