"""Phrases that the documents, messages and comments do without."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
KINDS = (".py", ".md", ".yml", ".yaml", ".toml", ".html")
BANNED = {
    "whether something is so": r"tells? whether",
    "a result, an outcome": r"becomes? of|became of",
    "in flight": r"in hand",
    "computed": r"reckon\w*",
    "correct, repair, fix": r"mend(?:s|ed|ing)?",
    "again": r"anew",
    "artifact": r"artefacts?",
    "must, or the plain verb": r"(?:is|are|was|were) to be",
    "is not a, has no": r"(?<!here\s)(?:is|are) no",
    "what happens, in the active": r"(?:is|are|was|were) told",
    "yields, is replaced": r"gives? way",
    "trips": r"tips? the scales",
    "too, the same": r"likewise",
    "tests": r"puts? (?:it|them) to the test",
}
"""What to write instead, and the phrase."""


def texts() -> list[Path]:
    """Return the project's texts but this one."""
    folders = [ROOT / name for name in ("benchmarks", "deploy", "docs", "schemas", "tests", "training", "worker")]
    files = [*ROOT.iterdir(), *(path for folder in folders for path in folder.rglob("*"))]
    return sorted(path for path in files if path.suffix in KINDS and path != Path(__file__))


@pytest.mark.parametrize("instead", BANNED)
def test_a_roundabout_phrase_is_not_used(instead: str) -> None:
    """A reader whose English is a second language finds the field's words, in the order of a plain sentence."""
    phrase = re.compile(rf"\b(?:{BANNED[instead]})\b".replace(" ", r"[\s#>]+"), re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]!r}"
        for path in texts()
        for text in [path.read_text(encoding="utf-8")]
        for match in phrase.finditer(text)
    ]
    assert found == [], f"write instead: {instead}"
