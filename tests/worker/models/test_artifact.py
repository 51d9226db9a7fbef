"""Reader of artifacts: an artifact comes from outside, so it is verified before any of it is loaded."""

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.preprocessing import StandardScaler

from schemas import Band, StageSpec
from tests.artifacts import describe
from tests.helpers import audit_plan
from worker.errors import ArtifactError
from worker.models import load_artifact
from worker.models.artifact import content_hash, load_classifier


@pytest.fixture
def artifact(small_artifact: Path, tmp_path: Path) -> Path:
    """Return a copy of an artifact, for the test to damage."""
    return Path(shutil.copytree(small_artifact, tmp_path / "artifact"))


def test_an_artifact_loads(small_artifact: Path) -> None:
    """The worker serves both stages, the band and the version that training wrote."""
    loaded = load_artifact(small_artifact)
    assert [(s.name, s.band) for s in loaded.cascade.stages] == [
        ("baseline", Band(low=0.38, high=0.62)),
        ("use", None),
    ]
    assert loaded.cascade.version == loaded.manifest.model_version
    predictions = loaded.cascade.predict(
        ["evacuation after the earthquake, many dead", "good morning", "banana"]
    ).predictions
    assert predictions[0].target == 1
    assert {p.stage for p in predictions} == {"baseline", "use"}


def test_names_of_classes_are_part_of_the_version(artifact: Path) -> None:
    """Other names are another artifact, which workers reload; the default ones keep the version of former artifacts."""
    first = load_artifact(artifact)
    assert first.cascade.classes == ("not_disaster", "disaster")
    assert first.manifest.model_version.endswith(content_hash(first.manifest.files, first.manifest.stages))
    describe(artifact, classes=("dry", "wet"))
    second = load_artifact(artifact)
    assert second.cascade.classes == ("dry", "wet")
    assert second.cascade.version != first.cascade.version
    assert second.cascade.audited(audit_plan(second.cascade, 0.1)).classes == ("dry", "wet")


def change_byte(folder: Path) -> None:
    """Flip one bit in the middle."""
    content = bytearray((folder / "use.skops").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "use.skops").write_bytes(content)


def stage(manifest: dict[str, Any], index: int) -> dict[str, Any]:
    """Return the manifest's entry of a stage."""
    found: dict[str, Any] = manifest["stages"][index]
    return found


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (shutil.rmtree, "no artifact at .*python -m training fit"),
        (lambda f: (f / "manifest.json").write_text("{"), "not a manifest"),
        (lambda f: edit(f, lambda m: m.update(format=1)), r"format 5: format.*python -m training fit --out"),
        (lambda f: edit(f, lambda m: m.pop("stages")), "stages: Field required"),
        (
            lambda f: edit(f, lambda m: stage(m, 0).update(band=None)),
            "manifest.json does not match the hash",
        ),
        (lambda f: edit(f, lambda m: stage(m, 1).update(band={"low": 0.4, "high": 0.6})), "left undecided"),
        (lambda f: edit(f, lambda m: stage(m, 1).update(name="baseline")), "two stages have the same name"),
        (lambda f: edit(f, lambda m: m.update(classes=["dry", "wet"])), "manifest.json does not match the hash"),
        (lambda f: edit(f, lambda m: m.update(classes=["dry", "Dry"])), "classes: .*the same name"),
        (lambda f: (f / "use.skops").unlink(), "use.skops is missing"),
        (change_byte, "use.skops was changed"),
        (
            lambda f: (f / "use" / "extra").parent.mkdir() or (f / "use" / "extra").touch(),
            "use/extra is not in the man",
        ),
        (lambda f: (f / "link").symlink_to("/dev/null"), "not a regular file"),
    ],
)
def test_a_damaged_artifact_is_refused(damage: Callable[[Path], object], message: str, artifact: Path) -> None:
    """A damaged artifact is refused before the worker joins the group, with a message that names the damage."""
    damage(artifact)
    with pytest.raises(ArtifactError, match=message):
        load_artifact(artifact)


class Trap:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)


def test_a_pickle_is_refused_and_not_run(artifact: Path, tmp_path: Path) -> None:
    """A pickle is refused without running it, even when its checksum is right."""
    (artifact / "use.skops").write_bytes(pickle.dumps(Trap(tmp_path / "sprung")))
    describe(artifact)
    with pytest.raises(ArtifactError, match="does not load"):
        load_artifact(artifact)
    assert not (tmp_path / "sprung").exists()


def test_an_untrusted_type_is_refused(artifact: Path) -> None:
    """A skops file with an untrusted type is refused before any object is built; the message names the type."""
    skops.io.dump(Trap(Path("x")), artifact / "use.skops")
    describe(artifact)
    with pytest.raises(ArtifactError, match="not trusted: .*Trap"):
        load_artifact(artifact)


def test_a_manifest_cannot_point_outside(artifact: Path) -> None:
    """A manifest cannot make the worker read files outside the artifact's folder."""
    spec = StageSpec(name="baseline", kind="sklearn", files={"model": "../other.skops"})
    with pytest.raises(ArtifactError, match="outside"):
        load_classifier(artifact, spec)


def test_a_model_that_does_not_classify_is_refused(artifact: Path) -> None:
    """A model of the wrong kind is refused when it is loaded, in one line, not at the first tweet."""
    skops.io.dump(StandardScaler(), artifact / "use.skops")
    describe(artifact)
    with pytest.raises(ArtifactError, match="'use' of .* does not load"):
        load_artifact(artifact)


def test_a_model_without_finite_probabilities_is_refused(artifact: Path) -> None:
    """An artifact whose model returns NaN stops the worker before it joins the group."""
    path = artifact / "use.skops"
    pipeline = skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))
    pipeline[-1].coef_[:] = np.nan
    skops.io.dump(pipeline, path)
    describe(artifact)
    with pytest.raises(ArtifactError, match="stage 'use'.*NaN or infinite"):
        load_artifact(artifact)
