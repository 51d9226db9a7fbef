"""Choice of the floating-point type."""

from pathlib import Path

import pytest

from worker.models.encoder.compute_dtype import compute_dtype
from worker.models.tensorflow import tensorflow


@pytest.mark.parametrize(
    ("flags", "off", "name"),
    [
        ("fpu avx512f avx512_bf16 amx_bf16", "1", "bfloat16"),
        ("fpu avx512f avx512_bf16", "1", "bfloat16"),
        ("fpu avx2 avx512f", "1", "float32"),
        ("fpu amx_bf16", "0", "float32"),
    ],
)
def test_bfloat16_is_for_cpus_that_have_it(
    flags: str, off: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """bfloat16 is used only where the CPU and oneDNN support it; emulated it is many times slower than float32."""
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", off)
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\nflags\t\t: {flags}\n")
    if tensorflow().config.list_logical_devices("GPU"):
        pytest.skip("the GPU decides on this machine")
    assert compute_dtype(tensorflow(), tmp_path / "cpuinfo").name == name


def test_a_machine_without_cpuinfo_uses_float32(tmp_path: Path) -> None:
    """Where /proc/cpuinfo is missing, float32 is used."""
    assert compute_dtype(tensorflow(), tmp_path / "cpuinfo") == tensorflow().float32
