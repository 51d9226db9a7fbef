"""Label: what a consumer receives, one JSON object in UTF-8 per Kafka record."""

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from schemas.classes import ClassName
from schemas.tweet import TweetId


class Label(BaseModel):
    """The label of one tweet. Its record has the key of the tweet's record, or the tweet's id if that had none."""

    model_config = ConfigDict(frozen=True, extra="ignore", protected_namespaces=())

    id: TweetId = Field(description="The tweet's id, unchanged.")
    label: ClassName = Field(
        description="The name of the tweet's class: `disaster` or `not_disaster`, or one of the two names that the "
        "artifact's training was given. Readers of any artifact's labels use `target`.",
        examples=["disaster", "not_disaster"],
    )
    target: Literal[0, 1] = Field(description="The class as a number: 1 is a disaster, or what was trained instead.")
    probability: float = Field(ge=0, le=1, description="Probability of the class 1: that it is a real disaster.")
    stage: str = Field(description="The stage of the cascade that decided.")
    shed: bool = Field(
        default=False,
        description="Whether that stage would have deferred the tweet to the next one, but did not under overload.",
    )
    model_version: str = Field(description="Version of the artifact that decided.")
    received_at: AwareDatetime | None = Field(description="Timestamp of the tweet's record, if it had one.")
    labelled_at: AwareDatetime = Field(description="Time of the decision.")
    input: dict[str, Any] = Field(
        default={},
        description="The tweet's fields that --copy-field names, by these names; null where the record lacks one. "
        "Without --copy-field labels have no such field.",
    )
