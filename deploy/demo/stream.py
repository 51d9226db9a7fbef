"""What the demo plays: a file of tweets, of which some carry the truth, and a few broken records."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from training.demo_stream import StreamFile, StreamTweet
from worker.cli.tweet_files import tweet_message
from worker.types import Message

_BROKEN = (
    b"\xff\xfe not UTF-8",
    b'{"id": 1, "text": "cut off',
    b'{"id": 2}',
    b'{"id": 3, "text": "   "}',
    b'{"id": 4.5, "text": "an id is a whole number or a string"}',
)


@dataclass(frozen=True)
class Stream:
    """The tweets of a file with broken records spread among them."""

    file: StreamFile

    @classmethod
    def read(cls, path: Path) -> "Stream":
        """Read the file that training wrote."""
        return cls(StreamFile.model_validate_json(path.read_bytes()))

    @cached_property
    def tweets(self) -> dict[int, StreamTweet]:
        """The tweets by id."""
        return {tweet.id: tweet for tweet in self.file.tweets}

    def messages(self, topic: str) -> Iterator[Message]:
        """Yield what to produce: each tweet without its truth, and after every fifth of them a broken record."""
        tweets = self.file.tweets
        for i, value in enumerate(_BROKEN):
            for tweet in tweets[i * len(tweets) // len(_BROKEN) : (i + 1) * len(tweets) // len(_BROKEN)]:
                yield tweet_message({"id": tweet.id, "text": tweet.text}, topic)
            yield Message(topic, b"broken", value)

    def __len__(self) -> int:
        return len(self.file.tweets) + len(_BROKEN)
