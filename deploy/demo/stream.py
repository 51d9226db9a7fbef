"""Stream of the demo: tweets, some with their true class, and a few bad records."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from training.demo_stream import StreamFile, StreamTweet
from worker.cli.tweet_files import tweet_message
from worker.types import Message

_BAD = (
    b"\xff\xfe not UTF-8",
    b'{"id": 1, "text": "cut off',
    b'{"id": 2}',
    b'{"id": 3, "text": "   "}',
    b'{"id": 4.5, "text": "an id is a whole number or a string"}',
)


@dataclass(frozen=True)
class Stream:
    """The tweets of a file, with bad records spread among them."""

    file: StreamFile

    @classmethod
    def read(cls, path: Path) -> "Stream":
        """Read the file that `python -m training prepare` writes."""
        return cls(StreamFile.model_validate_json(path.read_bytes()))

    @cached_property
    def tweets(self) -> dict[int, StreamTweet]:
        """The tweets by id."""
        return {tweet.id: tweet for tweet in self.file.tweets}

    def messages(self, topic: str) -> Iterator[Message]:
        """Yield the messages to publish: every tweet without its class, and a bad record after each fifth of them."""
        tweets = self.file.tweets
        for i, value in enumerate(_BAD):
            for tweet in tweets[i * len(tweets) // len(_BAD) : (i + 1) * len(tweets) // len(_BAD)]:
                yield tweet_message({"id": tweet.id, "text": tweet.text}, topic)
            yield Message(topic, b"bad", value)

    def __len__(self) -> int:
        return len(self.file.tweets) + len(_BAD)
