"""The site that `make docs` builds."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

LOADED = re.compile(
    r"""<(?:script|img|iframe)[^>]*\ssrc=["']?([^"' >]+)|<link[^>]*rel=["']?(?:stylesheet|preload)[^>]*"""
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a strict build."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder],
        cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_no_link_is_broken(site: Path) -> None:
    """A strict build ends with an error at a link or an anchor that leads nowhere, or a page outside the navigation."""
    assert (site / "index.html").is_file()


def test_the_site_loads_nothing_from_another_host(site: Path) -> None:
    """It can be read without a network, and no reader is reported to a third party."""
    for page in site.rglob("*.html"):
        loaded = [found.group(0) for found in LOADED.finditer(page.read_text(encoding="utf-8"))]
        assert loaded
        assert [tag for tag in loaded if re.search(r"""(?:src|href)=["']?(?:https?:)?//""", tag)] == []
