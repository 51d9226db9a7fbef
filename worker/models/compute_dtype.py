"""Which floats a machine multiplies fastest."""

import os
from pathlib import Path
from typing import Any

_CPU = Path("/proc/cpuinfo")
_BFLOAT16 = {"amx_bf16", "avx512_bf16"}
_AMPERE = (8, 0)  # NVIDIA's first with bfloat16


def compute_dtype(tf: Any, cpu: Path = _CPU) -> Any:  # noqa: ANN401 (TensorFlow has no types)
    """Return bfloat16 where the GPU, or without one the CPU, multiplies it in hardware, else float32.

    Elsewhere TensorFlow would emulate it, many times slower than float32.
    """
    gpus = tf.config.list_logical_devices("GPU")
    fast = _gpu_has_bfloat16(tf) if gpus else _cpu_has_bfloat16(cpu)
    return tf.bfloat16 if fast else tf.float32


def _gpu_has_bfloat16(tf: Any) -> bool:  # noqa: ANN401
    details = [tf.config.experimental.get_device_details(gpu) for gpu in tf.config.get_visible_devices("GPU")]
    return all(found.get("compute_capability", (0, 0)) >= _AMPERE for found in details)


def _cpu_has_bfloat16(cpu: Path) -> bool:
    """Tell what Linux says of an x86 CPU; oneDNN, which TensorFlow has its use from, can be turned off."""
    if os.environ.get("TF_ENABLE_ONEDNN_OPTS") == "0":
        return False
    try:
        flags = next((line for line in cpu.read_text().splitlines() if line.startswith("flags")), "")
    except OSError:
        return False
    return not _BFLOAT16.isdisjoint(flags.split())
