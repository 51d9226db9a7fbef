"""Artifacts with a single stage of another artifact."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from schemas import MANIFEST_NAME, Manifest, StageSpec
from worker.models.artifact import content_hash, digests, read_manifest


def write_single_stage(source: Path, name: str, folder: Path) -> Path:
    """Write an artifact whose only stage is the named one, without band and blend; return its folder.

    Args:
        source: the artifact that has the stage; it is not changed.
        name: of the stage.
        folder: new folder to write to. Files are hard links if source and folder share a file system.

    Raises:
        ArtifactError: the source has no manifest of this version.

    """
    manifest = read_manifest(source)
    [stage] = [stage for stage in manifest.stages if stage.name == name]
    folder.mkdir(parents=True)
    for path in _paths(stage):
        _place(source / path, folder / path)
    alone = stage.model_copy(update={"band": None, "blend": None})
    (folder / MANIFEST_NAME).write_text(_manifest(manifest, alone, folder).model_dump_json(indent=2), encoding="utf-8")
    return folder


def _paths(stage: StageSpec) -> Iterator[str]:
    """Yield the files and folders of a stage and of an ensemble's members."""
    yield from stage.files.values()
    for member in stage.members:
        yield from _paths(member)


def _place(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, copy_function=_link, dirs_exist_ok=True)
    elif not target.exists():  # two members of an ensemble may share a file
        target.parent.mkdir(parents=True, exist_ok=True)
        _link(str(source), str(target))


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _manifest(whole: Manifest, stage: StageSpec, folder: Path) -> Manifest:
    """Return the manifest of the folder's files; its version is that of the whole with the hash of these files."""
    files = digests(folder)
    version = f"{whole.model_version.rpartition('-')[0]}-{content_hash(files, [stage], whole.classes)}"
    return whole.model_copy(update={"stages": [stage], "files": files, "model_version": version, "policy": None})
