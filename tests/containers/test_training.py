"""A new artifact while the workers run."""

import pytest

from tests.containers.stack import WORKERS, Stack, wait_until

pytestmark = [pytest.mark.containers, pytest.mark.timeout(400)]


def versions(stack: Stack) -> list[str]:
    """Return the artifact's version of each worker."""
    return [series["metric"]["model_version"] for series in stack.series("cascade_build_info")]


def test_all_workers_take_over_a_new_artifact(stack: Stack) -> None:
    """`docker compose run --rm trainer fit` writes an artifact that every worker reloads, without a restart."""
    before = set(versions(stack))
    assert len(before) == 1
    stages = ("--stages", "baseline,linear")  # quick: without USE
    stack.compose("run", "--rm", "trainer", "fit", "--out", "/models/default", *stages, seconds=300)

    def taken_over() -> bool:
        found = versions(stack)
        return len(found) == WORKERS and len(set(found)) == 1 and set(found) != before

    wait_until(taken_over, 60, lambda: f"{versions(stack)}: {stack.logs('worker')}")
    assert {stack.inspect(container)["RestartCount"] for container in stack.containers("worker")} == {0}
