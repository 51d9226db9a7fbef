"""One stack for all tests, which go through its life in this order."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.containers.stack import Stack
from tests.containers.watch import Watch
from tests.measurements import log_measurements, pytest_terminal_summary  # noqa: F401 (a hook)

ORDER = ("test_start", "test_quiet", "test_codecs", "test_training", "test_stopping", "test_kills")
_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the modules of this folder."""
    items.sort(key=lambda item: ORDER.index(item.path.stem) if item.path.parent == _HERE else -1)


@pytest.fixture(scope="session", autouse=True)
def _logging() -> None:
    """Log the figures."""
    log_measurements()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Return the stack; remove it at the end."""
    running = Stack(tmp_path_factory.mktemp("compose"))
    running.down()
    yield running
    running.down()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Return a watch on the memory and CPU of all containers during a test."""
    with closing(Watch()) as watching:
        yield watching
