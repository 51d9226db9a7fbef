"""What a consumer receives: one label as a JSON object, UTF-8, one Kafka record each."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from schemas.tweet import TweetId

LabelName = Literal["not_disaster", "disaster"]
CLASSES: tuple[LabelName, LabelName] = ("not_disaster", "disaster")
"""Names of the targets 0 and 1."""


class Label(BaseModel):
    """The verdict on one tweet. Its record keeps the tweet record's key, or the tweet's id where it had none."""

    model_config = ConfigDict(frozen=True, extra="ignore", protected_namespaces=())

    id: TweetId = Field(description="The tweet's id, unchanged.")
    label: LabelName = Field(description="The verdict.")
    target: Literal[0, 1] = Field(description="The verdict as a number: 1 is a disaster.")
    probability: float = Field(ge=0, le=1, description="Probability that the tweet reports a real disaster.")
    stage: str = Field(description="The stage of the cascade that decided.")
    shed: bool = Field(
        default=False,
        description="Whether that stage would have passed the tweet on to a better one, had the load left time for it.",
    )
    model_version: str = Field(description="Version of the artefact that decided.")
    received_at: AwareDatetime | None = Field(description="Timestamp of the tweet's record, if it had one.")
    labelled_at: AwareDatetime = Field(description="When the worker decided.")
