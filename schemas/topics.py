"""Default names of the topics that producers, worker and consumers share."""

TWEETS = "tweets"
LABELLED = "tweets.labelled"
DEAD_LETTER = "tweets.dead-letter"


def replayed(dead_letter_topic: str) -> str:
    """Return the name of the topic that remembers which of the dead letters were put back."""
    return f"{dead_letter_topic}.replayed"
