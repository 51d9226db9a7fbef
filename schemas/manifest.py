"""What an artefact says of itself: `manifest.json` beside its files.

An artefact is a folder with all that a worker needs: every stage's files and this manifest, which lists each file
with its checksum, how the stages are put together, and where the numbers come from.
"""

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

FORMAT = 1
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


class StageSpec(Part):
    """One stage of the cascade."""

    name: str = Field(min_length=1, description="Shown as `stage` in labels and metrics.")
    kind: Literal["sklearn", "keras", "use", "ensemble"] = Field(description="How it is loaded.")
    files: dict[str, str] = Field(description="Role of each file or folder and its path in the artefact.")
    threshold: Share = Field(
        description="Least confidence, max(p, 1 - p), at which this stage decides; 0 decides every tweet."
    )
    members: list["StageSpec"] = Field(default=[], description="An ensemble's classifiers; their threshold is 0.")
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
    held_out_rows: int = Field(ge=0, description="Labelled rows that no stage and no threshold has seen.")
    split_seed: int


class Manifest(Part):
    """All that is known of one artefact."""

    format: Literal[1] = Field(description="Version of this layout; a worker refuses any other.")
    model_version: str = Field(min_length=1, description="Begins with the date; ends with a hash of the files.")
    created_at: AwareDatetime
    classes: tuple[Literal["not_disaster"], Literal["disaster"]]
    stages: list[StageSpec] = Field(min_length=1, description="From fast to strong; the last decides all it gets.")
    files: dict[str, FileDigest]
    data: DataFacts
    seed: int
    versions: dict[str, str] = Field(description="Python and the libraries that made the artefact.")
    metrics: dict[str, float] = Field(description="Measured at training; `out_of_fold_*` chose the threshold.")

    @model_validator(mode="after")
    def _makes_a_cascade(self) -> Self:
        if self.stages[-1].threshold > 0:
            raise ValueError("the last stage's threshold is above 0: tweets would be left undecided")
        if len({stage.name for stage in self.stages}) < len(self.stages):
            raise ValueError("two stages have one name")
        return self
