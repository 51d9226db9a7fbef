"""Tweet: what a producer sends, one JSON object in UTF-8 per Kafka record."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, StrictStr, WithJsonSchema

MAX_TEXT_CHARS = 25_000  # X's limit for its longest posts

TweetId = Annotated[StrictInt, Field(ge=-(2**63), lt=2**63)] | Annotated[StrictStr, Field(min_length=1, max_length=256)]
"""A 64-bit integer, as X's ids are, or a string."""


def _string_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None


UnusedText = Annotated[str | None, BeforeValidator(_string_or_none), WithJsonSchema({})]
"""A string that the worker does not use. A value of another type is dropped; the tweet is labelled all the same."""


class Tweet(BaseModel):
    """A tweet to label. Unknown fields are ignored: a tweet object of X's API v2 is valid as it is."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: TweetId | None = Field(
        None,
        description="Identifies the tweet; the label carries it unchanged. If missing: TOPIC-PARTITION-OFFSET.",
    )
    text: str = Field(
        pattern=r"\S",
        max_length=MAX_TEXT_CHARS,
        description="Text of the tweet. Not blank.",
    )
    created_at: UnusedText = Field(None, description="Time of the tweet, as the source writes it.")
    author_id: UnusedText = Field(None, description="Author of the tweet, as the source writes it.")
    lang: UnusedText = Field(None, description="BCP 47 language tag, if the source gives one.")
    keyword: UnusedText = Field(None, description="Keyword that the tweet was found by.")
    location: UnusedText = Field(None, description="Location that the author states.")
