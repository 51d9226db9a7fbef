"""What the garbage collector looks at."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from worker.models.settling import settle


class Knot:
    """Refers to itself, so that only the collector can free it."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """Leave the collector as it was."""
    yield
    gc.unfreeze()


def test_what_stays_is_passed_over() -> None:
    """Else each few batches look through a whole model, for nothing."""
    kept = Knot()
    settle()
    assert gc.get_freeze_count() > 0
    assert not any(thing is kept for thing in gc.get_objects())


def test_what_a_replaced_artefact_leaves_behind_is_freed() -> None:
    """A worker whose model is renewed every night does not grow for ever."""
    old = Knot()
    gone = weakref.ref(old)
    settle()
    del old
    settle()
    assert gone() is None
