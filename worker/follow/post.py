"""A post of a public stream, and the filters that choose posts. Pure."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Post(NamedTuple):
    """A post as it came."""

    id: str
    """Identifies this version of the post on every connection."""
    key: bytes
    """Key of its record: the posts of one key keep their order."""
    position: int
    """Where the stream can be resumed: the highest position seen is the cursor."""
    created_ms: int
    """When the server received it, in milliseconds since 1970."""
    text: str
    languages: tuple[str, ...]
    value: bytes
    """The record's value."""


class NotAPostError(Exception):
    """A message of the stream is not valid."""


class Connection(Protocol):
    """An open stream."""

    def receive(self, timeout_s: float) -> str | bytes | None:
        """Return the next message; None if none came in time. Raises OSError or EOFError at the end."""

    def missed(self) -> Iterator[bytes]:
        """Yield the posts since the cursor that the server does not repeat on the stream itself, as values."""


class Stream(Protocol):
    """A public stream of posts."""

    name: str
    """Identifies the stream in the headers of its records."""
    repeats: bool
    """Whether a resumed stream brings what was missed itself, and perhaps much that was not."""
    servers: int
    """Number of servers that `connect` tries in turn."""

    def connect(self, cursor: int | None) -> AbstractContextManager[Connection]:
        """Connect, and resume some time before the cursor; None to begin with the next post."""

    def read(self, message: str | bytes) -> Post | None:
        """Return the post in a message; None for any other event. Raises `NotAPostError`."""

    def read_value(self, value: bytes) -> Post | None:
        """Return the post in a record's value; None for any other event. Raises `NotAPostError`."""

    def oldest(self, cursor: int | None) -> int:
        """Return the position before which a resumed stream only repeats."""


@dataclass(frozen=True)
class Filter:
    """Chooses posts; an empty field chooses all.

    Args:
        keywords: the text contains one of them, in any case.
        languages: the post is marked with one of them; `en` chooses en-US as well.

    """

    keywords: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    @classmethod
    def parse(cls, keywords: str | None, languages: str | None) -> "Filter":
        """Return the filter of two comma-separated lists."""
        return cls(_items(keywords), _items(languages))

    def chooses(self, post: Post) -> bool:
        """Return whether the post passes."""
        text = post.text.casefold()
        return (not self.keywords or any(word in text for word in self.keywords)) and (
            not self.languages or any(_matches(tag.casefold(), self.languages) for tag in post.languages)
        )


def _items(text: str | None) -> tuple[str, ...]:
    return tuple(item.strip().casefold() for item in (text or "").split(",") if item.strip())


def _matches(tag: str, languages: tuple[str, ...]) -> bool:
    return any(tag == wanted or tag.startswith(f"{wanted}-") for wanted in languages)
