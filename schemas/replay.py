"""Records of the replay of dead letters: headers of a replayed record, and the note that it was replayed.

A replayed record has the bytes, key and headers of the bad record, and the headers of `Replay`. If it is bad again,
its next dead letter keeps them: `__streams.errors.*` then say where the replayed record was, these where the first was.
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from schemas.headers import HeaderModel


class Replay(HeaderModel):
    """Headers that a replayed record has in addition to those of the first record."""

    count: int = Field(ge=1, alias="tweet_cascade.replay.count", description="Number of replays so far.")
    topic: str = Field(alias="tweet_cascade.replay.topic", description="Topic of the first record.")
    partition: int = Field(alias="tweet_cascade.replay.partition", description="Partition of the first record.")
    offset: int = Field(alias="tweet_cascade.replay.offset", description="Offset of the first record.")
    timestamp: int = Field(
        alias="tweet_cascade.replay.timestamp",
        description="Timestamp of the first record in milliseconds since 1970, -1 if it had none.",
    )
    letter_partition: int = Field(
        alias="tweet_cascade.replay.letter_partition", description="Partition of the replayed dead letter."
    )
    letter_offset: int = Field(
        alias="tweet_cascade.replay.letter_offset", description="Offset of the replayed dead letter."
    )


class Replayed(BaseModel):
    """Note that a dead letter was replayed: the value of a record on the topic `<dead-letter topic>.replayed`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    partition: int = Field(description="Partition of the dead letter.")
    offset: int = Field(description="Offset of the dead letter.")
    timestamp: int = Field(
        description="Timestamp of the dead letter; it distinguishes a deleted topic from a new one of the same name."
    )
    topic: str = Field(description="Topic that the record was replayed to.")
    replayed_at: datetime = Field(description="Time of the replay.")

    @property
    def dead_letter_id(self) -> tuple[int, int, int]:
        """Partition, offset and timestamp of the dead letter."""
        return self.partition, self.offset, self.timestamp

    def key(self) -> bytes:
        """Return the record's key: compaction keeps one record per dead letter."""
        return "/".join(map(str, self.dead_letter_id)).encode()
