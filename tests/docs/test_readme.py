"""README.md and CONTRIBUTING.md as a reader meets them; tests/integration/test_readme.py runs the examples."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

LONGEST = 150


def test_the_readme_is_short() -> None:
    """It is read in three minutes; the rest is in docs/."""
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "training/sample/README.md"])
def test_its_links_lead_somewhere(name: str) -> None:
    """A file that it links to exists, and so does the heading."""
    page = ROOT / name
    for target, anchor in re.findall(r"\]\(([^)#:]+)(?:#([^)]+))?\)", page.read_text(encoding="utf-8")):
        path = page.parent / target
        assert path.exists(), target
        assert not anchor or anchor in anchors(path), f"{target}#{anchor}"


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub and mkdocs make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
