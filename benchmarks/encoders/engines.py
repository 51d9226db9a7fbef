"""The encoder in each engine and type, each in a process of its own: CPU and wall time, memory, and start."""

import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.results.output import TableRow
from worker.cli.console import new_console, progress_bar
from worker.models.encoder.engine import Vectors
from worker.models.encoder.selection import FLOAT32, INT8, TENSORFLOW
from worker.models.use import UseEncoder
from worker.types import Arithmetic

ENGINES = (INT8, FLOAT32, *TENSORFLOW)
_BATCH = 1024
_SINGLES = 32

Reply = Any
"""What a process answers."""


class Engine(NamedTuple):
    """A process with the encoder in one engine and type."""

    arithmetic: Arithmetic
    connection: Connection
    load_seconds: float
    """From the start of the process to its first vector."""

    def ask(self, question: str) -> Reply:
        """Ask for `batches`, `singles`, `memory` or `vectors`."""
        self.connection.send(question)
        return self.connection.recv()


def measure_engines(folder: Path, texts: Sequence[str], reference: Vectors, rounds: int) -> list[TableRow]:
    """Return a row for each engine and type, which take turns; medians.

    Args:
        folder: of a packed encoder.
        texts: to encode.
        reference: their vectors, to compare with.
        rounds: of each.

    """
    with _started(folder, texts) as engines:
        figures = _by_turns(engines, rounds)
        return [_row(engine, figures[engine.arithmetic], reference) for engine in engines]


def _by_turns(engines: Sequence[Engine], rounds: int) -> dict[Arithmetic, dict[str, list[float]]]:
    found = {engine.arithmetic: {"batches": list[float](), "singles": list[float]()} for engine in engines}
    with progress_bar(new_console(stderr=True)) as progress:
        for _ in progress.track(range(rounds), description="engines, alternating"):
            for engine in engines:
                for question, taken in found[engine.arithmetic].items():
                    taken.append(engine.ask(question))
    return found


def _row(engine: Engine, figures: dict[str, list[float]], reference: Vectors) -> TableRow:
    cosine = (engine.ask("vectors") * reference).sum(axis=1)
    return {
        "name": str(engine.arithmetic),
        "cpu_us_in_batches": round(statistics.median(figures["batches"]), 1),
        "wall_us_single": round(statistics.median(figures["singles"]), 1),
        "resident_mb": round(engine.ask("memory"), 1),
        "load_seconds": round(engine.load_seconds, 2),
        "cosine": round(float(cosine.mean()), 6),
        "cosine_least": round(float(cosine.min()), 6),
    }


@contextmanager
def _started(folder: Path, texts: Sequence[str]) -> Iterator[list[Engine]]:
    """Start a process for each engine and type, one after the other; end them afterwards."""
    processes, engines = [], list[Engine]()
    try:
        for arithmetic in ENGINES:
            ours, theirs = get_context("spawn").Pipe()
            start = time.perf_counter()
            process = get_context("spawn").Process(
                target=_serve, args=(theirs, folder, arithmetic, list(texts)), daemon=True
            )
            process.start()
            processes.append(process)
            ours.recv()
            engines.append(Engine(arithmetic, ours, time.perf_counter() - start))
        yield engines
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _serve(connection: Connection, folder: Path, arithmetic: Arithmetic, texts: list[str]) -> None:
    """Answer questions until the process is ended."""
    encode = UseEncoder(folder, only=arithmetic).encode
    encode(texts[:1])
    connection.send("ready")
    answers: dict[str, Callable[[], object]] = {
        "batches": lambda: _cpu_us(encode, texts),
        "singles": lambda: _wall_us(encode, texts[:_SINGLES]),
        "memory": _resident_mb,
        "vectors": lambda: encode(texts),
    }
    while True:
        connection.send(answers[connection.recv()]())


def _cpu_us(encode: Callable[[Sequence[str]], Vectors], texts: Sequence[str]) -> float:
    """Return the CPU time of all threads for a text in batches."""
    start = time.process_time()
    for n in range(0, len(texts), _BATCH):
        encode(texts[n : n + _BATCH])
    return (time.process_time() - start) / len(texts) * 1e6


def _wall_us(encode: Callable[[Sequence[str]], Vectors], texts: Sequence[str]) -> float:
    """Return the median time of a call with a single text."""
    seconds = []
    for text in texts:
        start = time.perf_counter()
        encode([text])
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds)) * 1e6


def _resident_mb() -> float:
    import psutil

    return float(psutil.Process(os.getpid()).memory_info().rss) / 1e6
