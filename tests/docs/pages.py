"""The documents, and what stands in them."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def inline_code(page: Path) -> Iterator[str]:
    """Yield the page's text in backticks; blocks of code are left out."""
    prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    yield from re.findall(r"`([^`]+)`", prose)


def commands(page: Path) -> list[str]:
    """Return the lines in the page's blocks of code that call the project's own commands."""
    return re.findall(
        r"^python3? -m (?:worker|training|deploy|benchmarks).*$", page.read_text(encoding="utf-8"), re.MULTILINE
    )
