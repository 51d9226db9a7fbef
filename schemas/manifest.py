"""What an artefact says of itself: `manifest.json` beside its files.

An artefact is a folder with all that a worker needs: every stage's files and this manifest, which lists each file
with its checksum, how the stages are put together, and where the numbers come from.
"""

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

FORMAT = 3
MANIFEST_NAME = "manifest.json"

Share = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """A part of the manifest: written once, read strictly."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class FileDigest(Part):
    """Checksum and size of one file."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int = Field(ge=0)


class Combiner(Part):
    """How an ensemble makes one probability of its members'."""

    how: Literal["average", "vote", "stacking"]
    weights: list[float] = Field(default=[], description="Stacking: what each member's log-odds are multiplied by.")
    bias: float = Field(default=0, description="Stacking: what is added to the weighted log-odds.")


class Blend(Part):
    """How a stage's probability is made of its classifier's and the earlier ones'."""

    weights: list[tuple[float, float]] = Field(
        min_length=1, description="For each stage so far, what ln p and -ln(1 - p) are multiplied by."
    )
    bias: float = Field(description="What is added to give the log-odds.")


class Band(Part):
    """Probabilities of a disaster too close to call: above `low` and below `high`."""

    low: Share
    high: Share

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if self.low > self.high:
            raise ValueError("a band's low end is above its high end")
        return self


class StageSpec(Part):
    """One stage of the cascade."""

    name: str = Field(min_length=1, description="Shown as `stage` in labels and metrics.")
    kind: Literal["sklearn", "keras", "use", "ensemble"] = Field(description="How it is loaded.")
    files: dict[str, str] = Field(description="Role of each file or folder and its path in the artefact.")
    text: Literal["raw", "clean"] = Field(
        default="raw", description="Whether it gets texts as they are, or links, mentions and wrong decoding mended."
    )
    blend: Blend | None = Field(
        default=None, description="Makes this stage's probability of all stages' so far; none: its classifier's own."
    )
    band: Band | None = Field(
        default=None, description="Where the stage defers to the next one; none: it decides every tweet."
    )
    members: list["StageSpec"] = Field(default=[], description="An ensemble's classifiers, without blend and band.")
    combiner: Combiner | None = Field(default=None, description="An ensemble's; the other kinds have none.")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        ensemble = self.kind == "ensemble"
        if ensemble != bool(self.members) or ensemble != (self.combiner is not None):
            raise ValueError("an ensemble has members and a combiner, any other stage has neither")
        if self.combiner and self.combiner.how == "stacking" and len(self.combiner.weights) != len(self.members):
            raise ValueError("stacking needs a weight for each member")
        return self


class DataFacts(Part):
    """What the artefact was trained on."""

    name: str = Field(description="`kaggle`, `sample` or `custom`.")
    sha256: str = Field(description="Checksum of the labelled file.")
    train_rows: int = Field(ge=1)
    held_out_rows: int = Field(ge=0, description="Labelled rows that no stage and no band has seen.")
    split_seed: int


class OperatingPoint(Part):
    """What the cascade does at one width of its bands, cross-fitted: no tweet had a say in how it was decided."""

    deferral: Share = Field(description="Share of tweets that reach the last stage.")
    accuracy: Share
    f1: Share = Field(description="Weighted by class size.")
    f1_difference: float = Field(description="F1 less that of the last stage asked about every tweet.")
    f1_difference_low: float = Field(description="Its one-sided 95 % lower bound, by a paired bootstrap.")
    seconds: float = Field(ge=0, description="Of computing a tweet, on the machine that trained.")


class StageFacts(Part):
    """What one stage does at the chosen point, cross-fitted."""

    decides: Share = Field(description="Share of all tweets that it decides.")
    accuracy: Share | None = Field(description="Among those; none where there are none.")
    seconds: float = Field(ge=0, description="Of this stage's computing for a tweet that reaches it.")


class Policy(Part):
    """Why the bands are where they are."""

    goal: str = Field(description="What the user asked for.")
    device: str = Field(description="Where the seconds were measured.")
    chosen: OperatingPoint
    curve: list[OperatingPoint] = Field(description="The same stages with other bands, by deferral.")
    stages: dict[str, StageFacts]
    calibration_error: float = Field(description="Of the published probability: expected, in ten bins.")
    overruled: Share = Field(
        description="Share of the tweets decided before the last stage on which it would have said the other thing."
    )
    overruled_high: Share = Field(description="Its one-sided 95 % upper bound.")
    histogram: list[Share] = Field(
        description="Shares of the training tweets by the first stage's probability, in bins of equal width."
    )


class Manifest(Part):
    """All that is known of one artefact."""

    format: Literal[3] = Field(description="Version of this layout; a worker refuses any other.")
    model_version: str = Field(min_length=1, description="Begins with the date; ends with a hash of the files.")
    created_at: AwareDatetime
    classes: tuple[Literal["not_disaster"], Literal["disaster"]]
    stages: list[StageSpec] = Field(min_length=1, description="From fast to strong; the last decides all it gets.")
    files: dict[str, FileDigest]
    data: DataFacts
    seed: int
    versions: dict[str, str] = Field(description="Python and the libraries that made the artefact.")
    metrics: dict[str, float] = Field(description="Measured at training; `out_of_fold_*` chose the bands.")
    policy: Policy | None = Field(default=None, description="None for a model that was not made to be a cascade.")

    @model_validator(mode="after")
    def _makes_a_cascade(self) -> Self:
        if self.stages[-1].band:
            raise ValueError("the last stage has a band: tweets would be left undecided")
        if any(stage.blend and len(stage.blend.weights) != n for n, stage in enumerate(self.stages, 1)):
            raise ValueError("a blend needs a weight for each stage so far")
        if len({stage.name for stage in self.stages}) < len(self.stages):
            raise ValueError("two stages have one name")
        return self
