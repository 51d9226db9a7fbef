"""AsyncAPI 3.0 document of the three topics: their messages, formats and keys."""

from typing import Any

from pydantic import BaseModel

from schemas import topics
from schemas.dead_letter import DeadLetter
from schemas.label import Label
from schemas.tweet import Tweet

VERSION = "0.1.0"
_JSON = "application/json"
_KEY = {"type": "string", "description": "The tweet's id, as UTF-8: versions and labels of a tweet stay in order."}
_CHANNELS = {
    "tweets": (
        topics.TWEETS,
        "tweet",
        "Tweets to label. Producers write them, workers read them as one consumer group.",
    ),
    "labels": (
        topics.LABELLED,
        "label",
        "Labels, each at least once; with exactly_once, consumers read with read_committed.",
    ),
    "deadLetters": (
        topics.DEAD_LETTER,
        "deadLetter",
        "Records that cannot be labelled, with their own bytes and the reason.",
    ),
}
_OPERATIONS = {
    "readTweets": ("receive", "tweets", "The worker reads tweets."),
    "writeLabels": ("send", "labels", "The worker writes a label for each tweet."),
    "writeDeadLetters": (
        "send",
        "deadLetters",
        "The worker writes a dead letter for each record that cannot be labelled.",
    ),
}


def document() -> dict[str, Any]:
    """Return the document, with the topics' default names."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "tweet-cascade",
            "version": VERSION,
            "description": "Labels a Kafka stream of tweets: which of them report a real disaster? Readers must "
            "ignore fields that they do not know: later versions may add some.",
        },
        "defaultContentType": _JSON,
        "channels": {name: _channel(*facts) for name, facts in _CHANNELS.items()},
        "operations": {name: _operation(*facts) for name, facts in _OPERATIONS.items()},
        "components": {"messages": _messages(), "schemas": _schemas(Tweet, Label, DeadLetter)},
    }


def _channel(topic: str, message: str, description: str) -> dict[str, Any]:
    return {
        "address": topic,
        "description": description,
        "messages": {message: {"$ref": f"#/components/messages/{message}"}},
        "bindings": {"kafka": {"topic": topic, "bindingVersion": "0.5.0"}},
    }


def _operation(action: str, channel: str, summary: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary}


def _messages() -> dict[str, Any]:
    return {
        "tweet": _message("Tweet", "One tweet.", _JSON, payload=_ref(Tweet)),
        "label": _message("Label", "The label of one tweet.", _JSON, payload=_ref(Label)),
        "deadLetter": _message(
            "Dead letter", "A bad record, unchanged, with the reason in its headers; all header values are UTF-8 text.",
            "application/octet-stream", headers=_ref(DeadLetter),
        ),
    }  # fmt: skip


def _message(title: str, summary: str, content_type: str, **parts: object) -> dict[str, Any]:
    key = {"kafka": {"key": _KEY, "bindingVersion": "0.5.0"}}
    return {"title": title, "summary": summary, "contentType": content_type, **parts, "bindings": key}


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _schemas(*models: type[BaseModel]) -> dict[str, Any]:
    """Return the models' schemas by name, and those that they refer to."""
    found: dict[str, Any] = {}
    for model in models:
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        found |= schema.pop("$defs", {})
        found[model.__name__] = {"type": "object", **schema}
    return found
