"""The worker's process before its command runs."""

import os
import subprocess
import sys

import pytest

_SCRIPT = """
import importlib.abc, os, runpy, signal, sys

class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == "pydantic":
            os.kill(os.getpid(), signal.{name})
            print("goes on", flush=True)
            os._exit(99)

sys.meta_path.insert(0, Finder())
sys.argv = ["worker", "run"]
runpy.run_module("worker", run_name="__main__")
"""
_AS_PROCESS_1 = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child"]


def may_unshare() -> bool:
    """Return whether this machine lets the tests create a namespace of processes."""
    return subprocess.run([*_AS_PROCESS_1, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_during_the_imports_ends_process_1(name: str) -> None:
    """The kernel drops a signal that process 1 does not handle: a container would run on, or be killed later."""
    if not may_unshare():
        pytest.skip("needs the right to create a namespace of processes")
    number = {"SIGTERM": 15, "SIGINT": 2}[name]
    done = subprocess.run(
        [*_AS_PROCESS_1, sys.executable, "-c", _SCRIPT.format(name=name)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (128 + number, "", "")


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", -15), ("SIGINT", -2)])
def test_a_signal_during_the_imports_ends_any_other_process(name: str, code: int) -> None:
    """A parent sees the signal, as of any program, and Ctrl-C prints no traceback."""
    command = [sys.executable, "-c", _SCRIPT.format(name=name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


_BLAS_THREADS = """
import runpy, sys, threadpoolctl
from worker.cli import app

def report(_parser):
    import numpy
    print(max(pool["num_threads"] for pool in threadpoolctl.threadpool_info()))

app.run = report
sys.argv = ["worker", "run"]
runpy.run_module("worker", run_name="__main__")
"""


@pytest.mark.parametrize(("given", "threads"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "2"}, "2")])
def test_numpy_computes_in_one_thread(given: dict[str, str], threads: str) -> None:
    """OpenBLAS' threads wait in a busy loop for the next small product, beside those with work. Users may differ."""
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"} | given
    command = [sys.executable, "-c", _BLAS_THREADS]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout.strip(), done.stderr) == (threads, "")


_HANGING = """
import sys, threading
from concurrent.futures import ThreadPoolExecutor
from worker import __main__, kafka as connectors
from worker.errors import BrokerError

def hang(*_):
    ThreadPoolExecutor(1).submit(threading.Event().wait)
    raise BrokerError("refused")

connectors.require_topics = hang
sys.argv = ["worker", "run", "--metrics-port", "0"]
__main__.main()
"""


def test_a_failed_worker_ends_although_a_thread_hangs() -> None:
    """Python joins the threads of pools at its end: a model that hangs would keep a failed worker alive."""
    command = [sys.executable, "-c", _HANGING]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (2, "error: refused\n")
