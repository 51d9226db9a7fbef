"""What a dead letter that was put back carries, and how it is remembered that it was.

A replayed record has the original's bytes, key and headers, and those of `Replay` more. If it is bad again, its next
dead letter keeps them: `__streams.errors.*` then say where the replayed record was, these where the first one was.
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from schemas.headers import HeaderModel


class Replay(HeaderModel):
    """The headers that a replayed record has beside the original's own."""

    count: int = Field(ge=1, alias="tweet_cascade.replay.count", description="How many times it was put back so far.")
    topic: str = Field(alias="tweet_cascade.replay.topic", description="Topic of the first record.")
    partition: int = Field(alias="tweet_cascade.replay.partition", description="Partition of the first record.")
    offset: int = Field(alias="tweet_cascade.replay.offset", description="Offset of the first record.")
    timestamp: int = Field(
        alias="tweet_cascade.replay.timestamp",
        description="Timestamp of the first record in milliseconds since 1970, -1 where it had none.",
    )
    letter_partition: int = Field(
        alias="tweet_cascade.replay.letter_partition", description="Partition of the dead letter this was made of."
    )
    letter_offset: int = Field(
        alias="tweet_cascade.replay.letter_offset", description="Offset of the dead letter this was made of."
    )


class Replayed(BaseModel):
    """The value of a record of the topic that remembers which dead letters were put back."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    partition: int = Field(description="Partition of the dead letter.")
    offset: int = Field(description="Offset of the dead letter.")
    timestamp: int = Field(
        description="Timestamp of the dead letter, which tells it from that of an older topic of the same name."
    )
    topic: str = Field(description="Topic that it was put back onto.")
    replayed_at: datetime = Field(description="When.")

    @property
    def letter(self) -> tuple[int, int, int]:
        """Partition, offset and timestamp: which dead letter it was."""
        return self.partition, self.offset, self.timestamp

    def key(self) -> bytes:
        """Return the record's key: compaction keeps one for each dead letter."""
        return "/".join(map(str, self.letter)).encode()
