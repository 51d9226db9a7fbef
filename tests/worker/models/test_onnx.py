"""ONNX Runtime as the worker uses it: no telemetry, no busy threads, two calls at once."""

import os
import platform
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.fingerprint import ROOT
from worker.errors import ArtifactError
from worker.models.onnx import load_onnx

_NUMBERS = {"x86_64": (0xC000003E, 41, 257), "aarch64": (0xC00000B7, 198, 56)}
"""Linux' number of the architecture, and of the system calls socket and openat."""
_FORBID = f"""
import ctypes, socket, struct, sys
import joblib  # scikit-learn's: tries a semaphore when it is imported, which is a file in /dev/shm

ARCHITECTURE, SOCKET, OPENAT = {_NUMBERS.get(platform.machine())}

def forbid_sockets_and_new_files():
    '''The kernel kills the process at a socket of the internet, and at the creation of a file, whoever asks for it.'''
    load, equal, any_bit, give = 0x20, 0x15, 0x45, 0x06
    allow, kill = 0x7FFF0000, 0x80000000
    number, first, third = 0, 16, 32
    filters = [
        (load, 0, 0, 4), (equal, 1, 0, ARCHITECTURE), (give, 0, 0, kill),
        (load, 0, 0, number), (equal, 0, 4, SOCKET),
        (load, 0, 0, first), (equal, 1, 0, socket.AF_INET), (equal, 0, 5, socket.AF_INET6), (give, 0, 0, kill),
        (equal, 0, 3, OPENAT),
        (load, 0, 0, third), (any_bit, 0, 1, 0o100), (give, 0, 0, kill),
        (give, 0, 0, allow),
    ]
    code = b"".join(struct.pack("HBBI", *line) for line in filters)
    held = ctypes.create_string_buffer(code)
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(filters), ctypes.addressof(held)))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(38, 1, 0, 0, 0) == 0
    assert libc.prctl(22, 2, program, 0, 0) == 0, ctypes.get_errno()
    return held, program

kept = forbid_sockets_and_new_files()
"""
_SERVE = """
import os
from pathlib import Path
from worker.models import load_artifact

load_artifact(Path(sys.argv[1])).cascade.stages[-1].probabilities(["Forest fire", ""] * 40)
assert "onnxruntime" in sys.modules
assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
print("served")
"""
_linux = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in _NUMBERS, reason="needs the system calls of Linux"
)


def run_forbidden(code: str, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process that must neither use the internet nor create a file."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("ORT_")}
    own = {"PYTHONPATH": str(ROOT), "HOME": str(home), "TMPDIR": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", _FORBID + textwrap.dedent(code), *arguments]
    return subprocess.run(command, env={**outside, **own}, cwd=home, capture_output=True, text=True, check=False)


@_linux
def test_serving_opens_no_connection_and_creates_no_file(sample_artifact: Path, tmp_path: Path) -> None:
    """No telemetry: neither ONNX Runtime nor any other library of the models connects or leaves a file."""
    done = run_forbidden(_SERVE, tmp_path, str(sample_artifact))
    assert (done.returncode, done.stdout) == (0, "served\n"), done.stderr
    assert list(tmp_path.rglob("*")) == []


@_linux
@pytest.mark.parametrize(
    "code",
    ["socket.socket()", "socket.socket(socket.AF_INET6)", "open('new', 'w')", "ctypes.CDLL(None).socket(2, 1, 0)"],
)
def test_what_is_forbidden_ends_the_process(code: str, tmp_path: Path) -> None:
    """The test above can fail: a connection or a file, also one of native code, ends the process."""
    assert run_forbidden(code, tmp_path).returncode == -31, "SIGSYS"


def test_a_file_that_is_missing_is_reported(tmp_path: Path) -> None:
    """The message names the file."""
    with pytest.raises(ArtifactError, match=r"cannot read .*none.onnx: No such file"):
        load_onnx(tmp_path / "none.onnx")
