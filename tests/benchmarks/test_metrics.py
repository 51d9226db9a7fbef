"""What the metrics cost."""

import re
import subprocess
import sys
from pathlib import Path


def test_the_benchmark_compares_like_with_like(small_artifact: Path) -> None:
    """Both loops label the same; the figure itself is for a quiet machine and is not judged here."""
    flags = ["--artifact", str(small_artifact), "--batch-size", "16", "--rounds", "3"]
    command = [sys.executable, "-m", "benchmarks.metrics", *flags]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr
    assert re.search(r"share of the throughput: -?\d+\.\d\d% \(median of 3 pairs of 16 records\)", done.stdout)
