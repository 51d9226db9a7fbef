"""Encodings."""

import io

import pytest

from worker.errors import SettingError
from worker.files.encodings import Encoding, find_encoding


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Tempête à Montréal, des dégâts près de l’école\n", "cp1252"),
        ("Inundación en Bogotá, mañana “llueve”\n", "cp1252"),
        ("Землетрясение разрушило старый город\n", "cp1251"),
        ("Σεισμός στην Αθήνα, ζημιές\n", "cp1253"),
        ("زلزال قوي يضرب المدينة\n", "cp1256"),
        ("地震发生了，注意海啸\n", "gb18030"),
    ],
)
def test_other_encodings_are_guessed_and_said(text: str, codec: str) -> None:
    """The remark has the encoding, a line to judge it by, and the flag that overrules it."""
    found = find_encoding(io.BytesIO(b"id,text\n" + text.encode(codec) * 5), None)
    assert found.codec == codec
    assert f"not UTF-8, read as {codec}: {text.strip()[:60]!r}" in found.remark
    assert "--encoding" in found.remark


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_detected(codec: str) -> None:
    """With and without a byte order mark; UTF-8 is not worth a remark."""
    found = find_encoding(io.BytesIO("id,text\n1,café 🌋\n".encode(codec)), None)
    assert (found.codec, bool(found.remark)) == (codec, codec not in {"utf-8", "utf-8-sig"})


def test_damaged_utf8_is_not_taken_for_another_encoding() -> None:
    """One broken byte among UTF-8 makes a bad row: another encoding would garble all other rows."""
    content = "id,text\n1,café\n2,naïve\n".encode() + b"3,caf\xe9\n"
    assert find_encoding(io.BytesIO(content), None) == Encoding("utf-8")


def test_the_users_choice_holds() -> None:
    """--encoding goes before all detection; a name that Python lacks is the user's mistake."""
    file = io.BytesIO("café".encode("cp1250"))
    assert find_encoding(file, "cp1250") == Encoding("cp1250")
    assert find_encoding(file, "UTF8") == Encoding("utf-8-sig")
    with pytest.raises(SettingError, match="--encoding: 'klingon' is not known"):
        find_encoding(file, "klingon")
