"""Manifest of an artifact: `manifest.json` beside its files.

An artifact is a folder with everything that a worker needs: the files of every stage, and this manifest, which lists
each file with its checksum, how the stages form the cascade, and where its numbers come from.
"""

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from schemas.classes import ClassNames

FORMAT = 5
MANIFEST_NAME = "manifest.json"

Share = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """A part of the manifest: immutable, and without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class FileDigest(Part):
    """Checksum and size of one file."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int = Field(ge=0)


class Combiner(Part):
    """How an ensemble combines its members' probabilities."""

    how: Literal["average", "vote", "stacking"]
    weights: list[float] = Field(default=[], description="Stacking: factor of each member's log-odds.")
    bias: float = Field(default=0, description="Stacking: intercept of the log-odds.")


class Blend(Part):
    """How a stage's probability is computed from its classifier's and the earlier stages' probabilities."""

    weights: list[float] = Field(
        min_length=1, description="Factors of each stage's log-odds, ln(p / (1 - p)), up to this one."
    )
    bias: float = Field(description="Intercept of the log-odds.")
    without: dict[int, "Blend"] = Field(
        default={},
        description="By the number of a stage, the first is 0, whose classifier cannot read every text: the blend that "
        "leaves it out, with 0 as its factor.",
    )

    @model_validator(mode="after")
    def _check_without(self) -> Self:
        of_all = range(len(self.weights))
        if any(n not in of_all or len(blend.weights) != len(of_all) for n, blend in self.without.items()):
            raise ValueError("a blend without a stage has one weight per stage too")
        return self


class Band(Part):
    """Probabilities of the class 1 at which a stage defers: above `low` and below `high`."""

    low: Share
    high: Share

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.low > self.high:
            raise ValueError("the low end of a band is above its high end")
        return self


class StageSpec(Part):
    """One stage of the cascade."""

    name: str = Field(min_length=1, description="The `stage` of labels and metrics.")
    kind: Literal["sklearn", "keras", "use", "pieces", "encoder", "ensemble"] = Field(
        description="Decides how the stage is loaded."
    )
    files: dict[str, str] = Field(description="Path in the artifact of each file or folder, by its role.")
    text: Literal["raw", "clean"] = Field(
        default="raw",
        description="Whether the texts are left as they are, or cleaned of links, mentions and decoding errors.",
    )
    blend: Blend | None = Field(
        default=None, description="Blend of the stages up to this one; none: the classifier's own probability."
    )
    band: Band | None = Field(
        default=None, description="Band in which the stage defers to the next one; none: it decides every tweet."
    )
    members: list["StageSpec"] = Field(default=[], description="Classifiers of an ensemble, without blend and band.")
    combiner: Combiner | None = Field(
        default=None, description="How an ensemble combines its members; other kinds have none."
    )

    @model_validator(mode="after")
    def _check_kind(self) -> Self:
        ensemble = self.kind == "ensemble"
        if ensemble != bool(self.members) or ensemble != (self.combiner is not None):
            raise ValueError("an ensemble needs members and a combiner; other stages have neither")
        if self.combiner and self.combiner.how == "stacking" and len(self.combiner.weights) != len(self.members):
            raise ValueError("stacking needs one weight per member")
        return self


class DataFacts(Part):
    """Training data of the artifact."""

    name: str = Field(description="`kaggle`, `sample` or `custom`.")
    sha256: str = Field(description="Checksum of the file of labelled tweets.")
    train_rows: int = Field(ge=1)
    held_out_rows: int = Field(ge=0, description="Labelled rows that were used for neither stages nor bands.")
    split_seed: int


class OperatingPoint(Part):
    """Performance of the cascade at one width of its bands; blends and bands are cross-fitted."""

    deferral: Share = Field(description="Share of tweets that reach the last stage.")
    accuracy: Share
    f1: Share = Field(description="Weighted by class size.")
    f1_difference: float = Field(description="F1 of the cascade minus that of the last stage on every tweet.")
    f1_difference_low: float = Field(
        description="One-sided 95 % lower bound of the difference, by a paired bootstrap; not adjusted for the search."
    )
    seconds: float = Field(ge=0, description="Computing time per tweet, on the machine that trained.")


class StageFacts(Part):
    """Performance of one stage at the chosen operating point, cross-fitted."""

    decides: Share = Field(description="Share of all tweets that the stage decides.")
    accuracy: Share | None = Field(description="Accuracy on the tweets it decides; none if it decides none.")
    seconds: float = Field(ge=0, description="Computing time of the stage per tweet that reaches it.")


class FoldFigures(Part):
    """Figures of the chosen cascade, cross-fitted in one kind of folds."""

    point: OperatingPoint
    calibration_error: float = Field(
        description="Expected calibration error of the published probability, in ten bins."
    )
    overruled: Share = Field(
        description="Share of the tweets decided before the last stage on which the last stage disagrees."
    )
    overruled_high: Share = Field(description="One-sided 95 % upper bound of that share.")


class Policy(Part):
    """How the bands were chosen, and what that promises of tweets unlike those of the training.

    All figures but `random` are of folds of unseen groups: no group is in training and test at once.
    """

    goal: str = Field(description="Goal that the user set.")
    device: str = Field(description="Device on which the times were measured.")
    grouped_by: str = Field(description="What makes a group: a column of the data, or `near-duplicates`.")
    prior: Share = Field(
        description="Share of disasters in the stream that probabilities are calibrated for; calibration errors are of "
        "training tweets weighted to that share."
    )
    chosen: OperatingPoint
    curve: list[OperatingPoint] = Field(description="The same stages with other bands, ordered by deferral.")
    stages: dict[str, StageFacts]
    calibration_error: float = Field(
        description="Expected calibration error of the published probability, in ten bins."
    )
    overruled: Share = Field(
        description="Share of the tweets decided before the last stage on which the last stage disagrees."
    )
    overruled_high: Share = Field(description="One-sided 95 % upper bound of that share.")
    random: FoldFigures = Field(description="Figures in random folds: for tweets like those of the training.")
    histogram: list[Share] = Field(
        description="Shares of the training tweets by the first stage's probability, in bins of equal width."
    )

    @property
    def grouped(self) -> FoldFigures:
        """Figures in folds of unseen groups: what is promised."""
        return FoldFigures(
            point=self.chosen,
            calibration_error=self.calibration_error,
            overruled=self.overruled,
            overruled_high=self.overruled_high,
        )


class EncoderFacts(Part):
    """How far the type in which the sentence encoder was measured and is served differs from float32."""

    type: str = Field(description="Engine and type, such as `onnx int8`.")
    stage: str = Field(description="The stage on the encoder that the accuracies are of.")
    texts: int = Field(ge=0, description="Number of texts whose vectors were compared.")
    cosine: float = Field(description="Mean cosine of a text's vectors in both types.")
    cosine_least: float = Field(description="Least cosine.")
    unseen: int = Field(ge=0, description="Number of texts, held out or without label, whose labels were compared.")
    changed: int = Field(ge=0, description="Number of these whose label changes if the encoder computes in float32.")
    out_of_fold_accuracy: Share
    out_of_fold_accuracy_float32: Share = Field(description="The same, trained and predicted in float32.")
    held_out_accuracy: Share
    held_out_accuracy_float32: Share = Field(description="Of the same model, if the encoder computes in float32.")


class Manifest(Part):
    """Manifest of one artifact."""

    format: Literal[5] = Field(description="Version of this format; a worker rejects any other.")
    model_version: str = Field(min_length=1, description="The date and a hash of files, stages and classes.")
    created_at: AwareDatetime
    classes: ClassNames = Field(description="Names of the targets 0 and 1, which labels have.")
    stages: list[StageSpec] = Field(
        min_length=1, description="From fast to strong; the last stage decides every tweet that reaches it."
    )
    files: dict[str, FileDigest]
    data: DataFacts
    seed: int
    versions: dict[str, str] = Field(description="Versions of Python and of the libraries at training.")
    metrics: dict[str, float] = Field(
        description="Scores at training: `out_of_fold_*` in random folds, `grouped_*` in folds of unseen groups."
    )
    policy: Policy | None = Field(default=None, description="None for an artifact of a single model.")
    encoder: EncoderFacts | None = Field(
        default=None, description="None where no stage has a packed sentence encoder, or nothing was compared."
    )
    other_encoder: EncoderFacts | None = Field(
        default=None, description="The same of the sentence encoder that `fit --encoder` was given."
    )

    @model_validator(mode="after")
    def _check_stages(self) -> Self:
        if self.stages[-1].band:
            raise ValueError("the last stage must not have a band: tweets would be left undecided")
        if any(stage.blend and len(stage.blend.weights) != n for n, stage in enumerate(self.stages, 1)):
            raise ValueError("a blend needs one weight per stage up to its own")
        if any(_forgets(stage.blend, self.stages[:n]) for n, stage in enumerate(self.stages)):
            raise ValueError("a stage that an earlier blend can leave out must be left out by the later ones too")
        if len({stage.name for stage in self.stages}) < len(self.stages):
            raise ValueError("two stages have the same name")
        return self


def _forgets(blend: Blend | None, before: list[StageSpec]) -> bool:
    """Return whether a stage before can be left out of its own blend, but not of this one."""
    left_out = {n for n, stage in enumerate(before) if stage.blend and n in stage.blend.without}
    return bool(left_out) and not (blend and left_out <= blend.without.keys())
