"""Choice of the floating-point type that the machine multiplies fastest."""

import os
from pathlib import Path

from worker.models.tensorflow import DType, TensorFlow

_CPU = Path("/proc/cpuinfo")
_BFLOAT16 = {"amx_bf16", "avx512_bf16"}
_AMPERE = (8, 0)  # compute capability of NVIDIA's first GPUs with bfloat16


def compute_dtype(tf: TensorFlow, cpu: Path = _CPU) -> DType:
    """Return bfloat16 where the GPU (or the CPU if there is none) multiplies it in hardware, else float32.

    Without hardware support TensorFlow emulates bfloat16, many times slower than float32.
    """
    gpus = tf.config.list_logical_devices("GPU")
    fast = _gpu_has_bfloat16(tf) if gpus else _cpu_has_bfloat16(cpu)
    return tf.bfloat16 if fast else tf.float32


def _gpu_has_bfloat16(tf: TensorFlow) -> bool:
    details = [tf.config.experimental.get_device_details(gpu) for gpu in tf.config.get_visible_devices("GPU")]
    return all(found.get("compute_capability", (0, 0)) >= _AMPERE for found in details)


def _cpu_has_bfloat16(cpu: Path) -> bool:
    """Return whether Linux lists bfloat16 for an x86 CPU and oneDNN, through which TensorFlow uses it, is enabled."""
    if os.environ.get("TF_ENABLE_ONEDNN_OPTS") == "0":
        return False
    try:
        flags = next((line for line in cpu.read_text().splitlines() if line.startswith("flags")), "")
    except OSError:
        return False
    return not _BFLOAT16.isdisjoint(flags.split())
