"""The layout: small folders, no circular imports, and worked examples that are true."""

import ast
import doctest
import importlib
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("schemas", "worker", "training", "benchmarks", "deploy")
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}
FOLDERS = sorted({path.parent for path in MODULES.values()})


def imports(path: Path) -> set[str]:
    """Return the project's own modules that a module imports when it is loaded."""
    found: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names & MODULES.keys() or {str(node.module)}
    return found & MODULES.keys()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_a_folder_has_at_most_15_modules(folder: Path) -> None:
    """A reader sees at a glance what a folder holds."""
    assert len(list(folder.glob("*.py"))) <= 15


def test_no_imports_are_circular() -> None:
    """Modules can be read, and replaced, from the bottom up."""
    try:
        TopologicalSorter({name: imports(path) for name, path in MODULES.items()}).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("name", [name for name, path in MODULES.items() if ">>> " in path.read_text()])
def test_worked_examples_are_true(name: str) -> None:
    """The examples in docstrings give what they say."""
    found = doctest.testmod(importlib.import_module(name))
    assert (found.attempted > 0, found.failed) == (True, 0)


def test_no_test_is_named_after_bytes(pytestconfig: pytest.Config) -> None:
    """Processes that share the tests agree on their names; packed files hold the time at which they were made."""
    name = pytestconfig.hook.pytest_make_parametrize_id(config=pytestconfig, val=b"PK", argname="content")
    assert name == "content"
