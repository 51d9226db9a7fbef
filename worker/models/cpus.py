"""CPUs that this process may use: those it may run on, and what its container's limit leaves of them."""

import math
import os
from contextlib import suppress
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")


def cpus(cgroups: Path = _CGROUPS) -> int:
    """Return how many CPUs this process may use, at least 1.

    More threads than a limit allows spend the limit's time slice at once, and all of them are stopped for the rest
    of it.
    """
    affinity = getattr(os, "sched_getaffinity", None)  # Linux only
    usable = len(affinity(0)) if affinity else os.cpu_count() or 1
    return max(1, math.ceil(min(usable, _quota(cgroups))))


def _quota(cgroups: Path) -> float:
    """Return the limit of the control group, of version 2 or 1, in CPUs; infinite without one."""
    with suppress(OSError, ValueError):
        limit, period = (cgroups / "cpu.max").read_text().split()
        return int(limit) / int(period)
    with suppress(OSError, ValueError):
        limit, period = ((cgroups / f"cpu/cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
        return int(limit) / int(period) if int(limit) > 0 else math.inf
    return math.inf
