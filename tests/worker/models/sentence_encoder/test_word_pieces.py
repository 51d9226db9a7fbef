"""The tokenizer of a sentence encoder."""

import sys
from pathlib import Path

import pytest

from tests.tiny_encoder import write_tiny_encoder
from worker.errors import ArtifactError
from worker.models.sentence_encoder.word_pieces import MissingTokenizersError, WordPieces


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of a tokenizer."""
    return write_tiny_encoder(tmp_path_factory.mktemp("tokenizer")) / "tokenizer.json"


def test_a_long_text_is_cut(path: Path) -> None:
    """The number of pieces is bounded, with the special ones at both ends."""
    [pieces] = WordPieces(path, longest=16)(["fire " * 500]).pieces
    assert (len(pieces), pieces[0], pieces[-1]) == (16, 2, 3)


def test_words_of_another_language_are_split_more(path: Path) -> None:
    """That is how an encoder knows what it cannot read: unknown pieces count, and a text without words has none."""
    texts = ["the fire and the flood", "esondazione", "\u706b\u5c71", ""]
    english, italian, chinese, empty = WordPieces(path, 64)(texts).split
    assert english == empty == 0
    assert italian > 0.5
    assert chinese == 1


def test_a_file_that_is_not_a_tokenizer_is_named(tmp_path: Path) -> None:
    """One line says which file is wrong."""
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ArtifactError, match=r"tokenizer.json is not a tokenizer"):
        WordPieces(tmp_path / "tokenizer.json", 64)


def test_a_missing_package_gets_the_command_to_install_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package is an extra: only artifacts with such an encoder need it."""
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(MissingTokenizersError, match=r"pip install 'tweet-cascade\[encoders\]'"):
        WordPieces(path, 64)
