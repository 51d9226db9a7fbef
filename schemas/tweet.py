"""What a producer sends: one tweet as a JSON object, UTF-8, one Kafka record each."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, StrictStr

MAX_TEXT_CHARS = 25_000  # X's limit for its longest posts

TweetId = Annotated[StrictInt, Field(ge=-(2**63), lt=2**63)] | Annotated[StrictStr, Field(min_length=1, max_length=256)]
"""A whole number of 64 bits, as X's are, or a string."""


def _string_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None


Remark = Annotated[str | None, BeforeValidator(_string_or_none)]
"""A string that the worker does not read; anything else in its place is no reason not to label the tweet."""


class Tweet(BaseModel):
    """A tweet to label. Unknown fields are ignored: a tweet object of X's API v2 passes as it is."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: TweetId = Field(description="Identifies the tweet; the label carries it unchanged.")
    text: str = Field(
        pattern=r"\S",
        max_length=MAX_TEXT_CHARS,
        description="What was tweeted. Not blank.",
    )
    created_at: Remark = Field(None, description="When it was tweeted, as the source wrote it.")
    author_id: Remark = Field(None, description="Who tweeted it, as the source wrote it.")
    lang: Remark = Field(None, description="BCP 47 language tag, where the source gives one.")
    keyword: Remark = Field(None, description="The keyword by which the tweet was found.")
    location: Remark = Field(None, description="Where the author says to be.")
