"""Reader of artifacts: verifies every file before it loads any, and runs no code from them.

Nothing is unpickled: skops reads scikit-learn models and builds only types that it trusts; Keras models are read in
safe mode; SavedModels are scanned for operations that reach files, the network or Python. The scan is a net, not a
sandbox. Checksums detect damage, not forgery: load only artifacts from a source that you trust.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from schemas import CLASSES, FORMAT, MANIFEST_NAME, ClassNames, FileDigest, Manifest, StageSpec
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.stage import Stage, positive_probabilities
from worker.errors import ArtifactError, SettingError
from worker.models.ensemble import Ensemble
from worker.models.keras import load_keras
from worker.models.sklearn import load_sklearn
from worker.models.tensorflow import MissingTensorFlowError
from worker.models.text_cleaning import cleaned
from worker.models.use import DeviceChoice, EncoderCache, EngineChoice, load_encoder, load_pieces, load_use
from worker.types import Arithmetic, Classifier

_LOADERS: dict[str, Callable[[dict[str, Path], EncoderCache], Classifier]] = {
    "sklearn": lambda files, _encoders: load_sklearn(files),
    "keras": lambda files, _encoders: load_keras(files),
    "use": load_use,
    "pieces": load_pieces,
    "encoder": load_encoder,
}
_WARM_UP = ["Forest fire near the village, everybody out", ""]


@dataclass(frozen=True)
class Artifact:
    """A loaded artifact: its manifest and its cascade."""

    manifest: Manifest
    cascade: ThresholdCascade


def load_artifact(folder: Path, engine: EngineChoice = "auto", device: DeviceChoice = "auto") -> Artifact:
    """Verify, load and warm up an artifact: every stage classifies once, so that the first tweet does not wait.

    Args:
        folder: of the artifact.
        engine: who may compute the sentence encoder.
        device: where ONNX Runtime may compute it.

    Raises:
        SettingError: a GPU is demanded, and none can be used.
        ArtifactError: the folder is missing; a file is missing, changed or unlisted; the manifest has another format;
            or a file does not load.

    """
    manifest = read_manifest(folder)
    verify(folder, manifest)
    encoders = EncoderCache(engine, device)
    classifiers = [load_classifier(folder, stage, encoders) for stage in manifest.stages]
    encoders.release()
    stages = [
        Stage(spec.name, classifier, spec.band, spec.blend, _arithmetic(folder, spec, encoders))
        for spec, classifier in zip(manifest.stages, classifiers, strict=True)
    ]
    cascade = ThresholdCascade(stages, manifest.model_version, manifest.policy, classes=manifest.classes)
    return Artifact(manifest, cascade)


def _arithmetic(folder: Path, spec: StageSpec, encoders: EncoderCache) -> Arithmetic | None:
    """Return who computes the encoder of a stage or of one of its members."""
    names = [part.files["encoder"] for part in (spec, *spec.members) if "encoder" in part.files]
    return encoders.arithmetic(folder / names[0]) if names else None


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of an artifact; the other files are not read.

    Raises:
        ArtifactError: the manifest is missing, or it has another format.

    """
    path = folder / MANIFEST_NAME
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise ArtifactError(
            f"no artifact at {folder} ({MANIFEST_NAME} is missing); "
            f"train one with: python -m training fit --out {folder}"
        ) from None
    except OSError as error:
        raise ArtifactError(f"cannot read {path}: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise ArtifactError(
            f"{path} is not a manifest of format {FORMAT}: {where}: {first['msg']}; "
            f"train the artifact again with this version: python -m training fit --out {folder}"
        ) from None


def verify(folder: Path, manifest: Manifest) -> None:
    """Compare every file with its checksum in the manifest, and the manifest with the hash in its version.

    Raises:
        ArtifactError: a file is missing, changed or not in the manifest; or the manifest was edited.

    """
    found = digests(folder)
    problems = [
        *(f"{name} is missing" for name in sorted(manifest.files.keys() - found.keys())),
        *(f"{name} is not in the manifest" for name in sorted(found.keys() - manifest.files.keys())),
        *(f"{n} was changed" for n in sorted(found.keys() & manifest.files) if found[n] != manifest.files[n]),
    ]
    if not manifest.model_version.endswith(content_hash(manifest.files, manifest.stages, manifest.classes)):
        problems.append(f"{MANIFEST_NAME} does not match the hash in its version {manifest.model_version}")
    if problems:
        more = f" and {len(problems) - 3} more" if len(problems) > 3 else ""
        raise ArtifactError(f"the artifact {folder} is damaged: {', '.join(problems[:3])}{more}; copy it again")


def content_hash(files: Mapping[str, FileDigest], stages: Sequence[StageSpec], classes: ClassNames = CLASSES) -> str:
    """Return the hash that identifies an artifact, 12 hexadecimal digits: of its files, its stages and its classes.

    The default names add nothing, so that artifacts from before there were others keep their hash.
    """
    content = [f"{name} {digest.sha256}" for name, digest in sorted(files.items())]
    content += [stage.model_dump_json(exclude_defaults=True) for stage in stages]
    content += [] if classes == CLASSES else classes
    return hashlib.sha256("\n".join(content).encode()).hexdigest()[:12]


def digests(folder: Path) -> dict[str, FileDigest]:
    """Return checksum and size of every file below an artifact's folder, except the manifest.

    Raises:
        ArtifactError: something below the folder is not a regular file.

    """
    return {path.relative_to(folder).as_posix(): _digest(path) for path in _files(folder)}


def _files(folder: Path) -> Iterator[Path]:
    """Yield everything below the folder except folders; links and pipes are included, so that they are refused."""
    return (p for p in sorted(folder.rglob("*")) if not p.is_dir() and p != folder / MANIFEST_NAME)


def _digest(path: Path) -> FileDigest:
    if not path.is_file():
        raise ArtifactError(f"{path} is not a regular file")
    with path.open("rb") as file:
        return FileDigest(sha256=hashlib.file_digest(file, "sha256").hexdigest(), bytes=path.stat().st_size)


def load_classifier(folder: Path, spec: StageSpec, encoders: EncoderCache | None = None) -> Classifier:
    """Load the classifier of one stage and let it classify once, so that a broken one is found now.

    Raises:
        ArtifactError: a file does not load, or is not a classifier of the classes 0 and 1.

    """
    encoders = encoders or EncoderCache()
    try:
        classifier = _load(folder, spec, encoders)
        if spec.text == "clean":
            classifier = cleaned(classifier)
        positive_probabilities(classifier, _WARM_UP)
    except MissingTensorFlowError as error:
        raise ArtifactError(f"stage {spec.name!r} of {folder} {error}") from None
    except (ArtifactError, SettingError):
        raise
    except Exception as error:  # each of the three libraries raises its own types
        raise ArtifactError(f"stage {spec.name!r} of {folder} does not load: {error}") from error
    if list(classifier.classes_) != [0, 1]:
        raise ArtifactError(f"stage {spec.name!r} of {folder} has classes {classifier.classes_}, not [0, 1]")
    return classifier


def _load(folder: Path, spec: StageSpec, encoders: EncoderCache) -> Classifier:
    if spec.combiner:
        return Ensemble([load_classifier(folder, member, encoders) for member in spec.members], spec.combiner)
    return _LOADERS[spec.kind]({role: _inside(folder, name) for role, name in spec.files.items()}, encoders)


def _inside(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ArtifactError(f"the manifest of {folder} names {name}, which is outside the folder")
    return path
