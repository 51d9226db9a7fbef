"""The direction of imports, and who may know which library."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = {"schemas", "worker", "training", "benchmarks", "deploy"}
FORBIDDEN = {
    "schemas": {"worker", "training", "benchmarks", "deploy"},
    "worker": {"training", "benchmarks", "deploy", "pandas", "onnx"},
    "training": {"benchmarks", "deploy"},
    "benchmarks": set[str](),
    "deploy": {"benchmarks"},
}
ONLY_IN = {
    "kafka": ("worker/kafka", "benchmarks/peers"),
    "onnxruntime": ("worker/models/onnx.py",),
    "charset_normalizer": ("worker/files/encodings.py",),
    "pyarrow": ("worker/files/parquet.py",),
    "tokenizers": ("worker/models/sentence_encoder/word_pieces.py",),
    "sentencepiece": ("worker/models/encoder/tokenizer.py",),
    "prometheus_client": ("worker/metrics",),
    "jmespath": ("worker/formats/paths.py",),
    "websockets": ("worker/follow/websocket.py",),
    "matplotlib": ("training/pictures", "benchmarks/results/pictures.py", "deploy/grafana/picture.py"),
}
SLOW = {"tensorflow", "tensorflow_hub", "tensorflow_text", "keras"}


def modules() -> list[Path]:
    """Return every module of the product."""
    return [path for package in sorted(PACKAGES) for path in sorted((ROOT / package).rglob("*.py"))]


def imported(nodes: Iterator[ast.AST]) -> set[str]:
    """Return the top-level names that the nodes import."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            found.add((node.module or "").split(".")[0])
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_follow_the_arrows(path: Path) -> None:
    """The worker stays deployable without training, and a library stays replaceable behind its one package."""
    tree = ast.parse(path.read_text())
    where = path.relative_to(ROOT).as_posix()
    names = imported(ast.walk(tree))
    assert not names & FORBIDDEN[where.split("/")[0]]
    assert not {name for name in names if not where.startswith(ONLY_IN.get(name, ("",)))}
    assert not imported(iter(tree.body)) & SLOW, "TensorFlow is imported where a model is loaded"
