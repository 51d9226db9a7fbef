"""The files, flags and metrics that the documents name."""

import re
from functools import cache
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, commands, inline_code

FOLDERS = ("benchmarks", "deploy", "docs", "schemas", "tests", "training", "worker")
PATH = re.compile(rf"(?:{'|'.join(FOLDERS)})/[\w./-]*")
PICTURE = ROOT / "docs/pictures/architecture.svg"
FOREIGN_FLAGS = {
    *("--add", "--allow-principal", "--bootstrap-server", "--operation", "--resource-pattern-type", "--topic"),
    *("--alter", "--describe", "--gil", "--group", "--kustomize", "--transactional-id"),
}
"""Of kafka-acls, kafka-configs, kafka-consumer-groups, py-spy and kubectl."""


@pytest.mark.parametrize("page", [*PAGES, PICTURE], ids=lambda page: page.name)
def test_every_file_that_a_document_names_exists(page: Path) -> None:
    """A module that moves takes its name in the documents along."""
    texts = [page.read_text(encoding="utf-8")] if page == PICTURE else inline_code(page)
    named = {found for text in texts for found in PATH.findall(text) if not text.startswith(("http", "/"))}
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


@cache
def source() -> str:
    """Return the text of all that defines flags; docs/settings.md is made from the code."""
    modules = [
        path
        for folder in FOLDERS
        if folder not in {"docs", "tests"}
        for path in (ROOT / folder).rglob("*.py")
        if path.name != "former_flags.py"  # holds the names that are gone
    ]
    rules = (ROOT / "deploy/prometheus/rules").glob("*.yml")
    files = [ROOT / "docs/settings.md", ROOT / "docker-compose.yml", *modules, *rules]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_flag_that_a_document_names_exists(page: Path) -> None:
    """A flag that is renamed is renamed in the documents."""
    texts = [*inline_code(page), *commands(page)]
    named = {flag for text in texts for flag in re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)}
    known = set(re.findall(r"--[a-z][a-z-]+", source())) | FOREIGN_FLAGS
    assert sorted(named - known - compose_flags(page)) == []


def compose_flags(page: Path) -> set[str]:
    """Return the flags of `docker compose` and `pip` in the page's inline code."""
    others = [text for text in inline_code(page) if text.startswith(("docker ", "pip ", "kcat ", "kubectl "))]
    return {flag for text in others for flag in re.findall(r"--[a-z][a-z-]+", text)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_metric_that_a_document_names_exists(page: Path) -> None:
    """A metric that is renamed is renamed in the documents; docs/metrics.md is compared with the code elsewhere."""
    table = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
    known = set(re.findall(r"^\| `(cascade_\w+)`", table, re.MULTILINE))
    named = {name for text in inline_code(page) for name in re.findall(r"\bcascade_\w+", text)}
    plain = {re.sub(r"_(bucket|sum|count)$", "", name) for name in named}
    assert sorted(plain - known) == []
