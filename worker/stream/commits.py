"""The commit of a published batch, which may run while the next batch is polled and classified."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import NamedTuple, ParamSpec, TypeVar

from worker.stream.counts import BatchCounts
from worker.types import BatchResult, Record

P = ParamSpec("P")
T = TypeVar("T")


class SameThread(Executor):
    """Runs each call at once, in the thread that submits it: `submit` returns when the call has ended."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run the call; return its result or exception."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        return future


def commit_thread() -> Executor:
    """Return a thread for one commit at a time.

    A broker may gather commits for some milliseconds before it writes them: `group.coordinator.append.linger.ms`, 5 ms
    by default since Kafka 4.0.
    """
    return ThreadPoolExecutor(1, thread_name_prefix="commit")


class Committing(NamedTuple):
    """A published batch whose commit has begun.

    Attributes:
        records: all of the batch, each partition's in order.
        result: their labels and dead letters.
        counts: of the batch.
        seconds: of the commit, once it has ended.

    """

    records: Sequence[Record]
    result: BatchResult
    counts: BatchCounts
    seconds: Future[float]


def timed(call: Callable[[Sequence[Record]], None], records: Sequence[Record]) -> float:
    """Return the seconds that the call takes."""
    start = time.perf_counter()
    call(records)
    return time.perf_counter() - start
