"""A file of each kind, with the same two tweets; ids, names and texts are invented."""

import gzip
import io
import json
import zipfile

import pyarrow
import pyarrow.parquet

ROWS = [("11", 'Storm, "roofs" gone; café\tshut', "on-topic"), ("12", "my cat\nsleeps", "off-topic")]
FLAT = [("11", "Storm over the café", "on-topic"), ("12", "my cat sleeps", "off-topic")]
CSV = 'id,text,label\n11,"Storm, ""roofs"" gone; café\tshut",on-topic\n12,"my cat\nsleeps",off-topic\n'
TSV = "id\ttext\tlabel\n11\tStorm over the café\ton-topic\n12\tmy cat sleeps\toff-topic\n"
OBJECTS = [dict(zip(("id", "text", "label"), row, strict=True)) for row in ROWS]


def parquet() -> bytes:
    """Return the tweets as Parquet."""
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(OBJECTS), out)
    return out.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    """Return a zip with these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


EXAMPLES = {
    "plain.csv": CSV.encode(),
    "mark.csv": CSV.encode("utf-8-sig"),
    "windows.csv": CSV.replace("\n", "\r\n").replace("cat\r\n", "cat\n").encode("cp1252"),
    "unicode.csv": CSV.encode("utf-16"),
    "unmarked.csv": CSV.encode("utf-16-le"),
    "semicolons.csv": CSV.replace(",", ";").replace("Storm;", "Storm,").replace("gone;", "gone;").encode(),
    "excel.csv": b"sep=;\r\n" + CSV.replace(",", ";").replace("Storm;", "Storm,").encode(),
    "lines.jsonl": "".join(json.dumps(o, ensure_ascii=False) + "\n" for o in OBJECTS).encode(),
    "marked.jsonl": "".join(json.dumps(o) + "\n" for o in OBJECTS).encode("utf-8-sig"),
    "wide.jsonl": "".join(json.dumps(o, ensure_ascii=False) + "\n" for o in OBJECTS).encode("utf-16"),
    "array.json": json.dumps(OBJECTS, indent=2).encode(),
    "table.parquet": parquet(),
    "packed.csv.gz": gzip.compress(CSV.encode()),
    "packed.jsonl.gz": gzip.compress(json.dumps(OBJECTS[0]).encode() + b"\n" + json.dumps(OBJECTS[1]).encode()),
    "archive.zip": zipped({"tweets.csv": CSV.encode(), "__MACOSX/._tweets.csv": b"x"}),
    "no_suffix": CSV.encode(),
    "json_without_suffix": json.dumps(OBJECTS).encode(),
}
"""All hold ROWS."""
FLAT_EXAMPLES = {
    "tabs.tsv": TSV.encode(),
    "tabs.txt": TSV.encode("cp1252"),
    "bars.csv": TSV.replace("\t", "|").encode(),
}
"""All hold FLAT."""
