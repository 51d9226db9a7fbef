"""From a fitted cascade to a page."""

from pathlib import Path


def write_report(fitted, page: Path): ...
