"""Which tests run in the same process of pytest-xdist: those that share an expensive fixture."""

from xdist.scheduler import LoadScopeScheduling

GROUPS = {
    "tensorflow": (
        "tests/worker/models/encoder/test_pieces.py",
        "tests/worker/models/encoder/test_selection.py",
        "tests/training/cascade/test_fidelity.py",
        "tests/training/cascade/test_fit.py",
        "tests/training/encoder/",
        "tests/training/models/",
        "tests/worker/models/encoder/test_engines.py",
        "tests/worker/models/test_saved_model_scan.py",
    ),
    "benchmark": ("tests/training/benchmark/test_runner.py",),
    "overload": ("tests/integration/test_overload.py",),
}
"""Paths of test modules by group. The first group loads TensorFlow and the sentence encoder once."""


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist ships no types
    """Runs each group in one process, the largest first; every other test runs wherever a process is free.

    The marker `xdist_group` does not do this: pytest 9.2 ignores the node ids that pytest-xdist 3.8 groups by.
    """

    def _split_scope(self, nodeid: str) -> str:
        """Return a test's group, or its own id."""
        return next((name for name, paths in GROUPS.items() if nodeid.startswith(paths)), nodeid)
