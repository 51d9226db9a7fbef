"""Which tests run in the same process of pytest-xdist: those that share an expensive fixture."""

from contextlib import suppress

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

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

    A test that crashes its process has failed, and others run the rest of that process' work. pytest-xdist 3.8 waits
    for ever instead: it hands the crashed test out again, and finished work, which nobody reports as done.
    """

    def remove_node(self, node: WorkerController) -> str | None:
        """Remove a process; return the test that it crashed in, if any, and leave the tests after that to others."""
        left = {
            scope: dict.fromkeys([nodeid for nodeid, done in unit.items() if not done], False)
            for scope, unit in self.assigned_work.pop(node).items()
        }
        crashed = next((nodeid for unit in left.values() for nodeid in unit), None)
        for scope, unit in left.items():
            unit.pop(crashed, None)
            if unit:
                self.workqueue[scope] = unit
        for other in self.assigned_work:
            self._reschedule(other)
        return crashed

    def _assign_work_unit(self, node: WorkerController) -> None:
        """Give a process the next work, also one that has crashed unnoticed: `remove_node` gives that to others."""
        with suppress(OSError):
            super()._assign_work_unit(node)

    def _reschedule(self, node: WorkerController) -> None:
        """Give a process work while it has no more than two tests: it begins a test only when it knows the next one."""
        if node not in self.registered_collections:
            return  # it replaces a crashed one, and has not collected the tests yet
        while not node.shutting_down and self.workqueue and self._pending_of(self.assigned_work[node]) <= 2:
            self._assign_work_unit(node)
        if not self.workqueue:
            node.shutdown()

    def _split_scope(self, nodeid: str) -> str:
        """Return a test's group, or its own id."""
        return next((name for name, paths in GROUPS.items() if nodeid.startswith(paths)), nodeid)
