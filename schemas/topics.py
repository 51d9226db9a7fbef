"""Default names of the topics that producers, worker and consumers share."""

TWEETS = "tweets"
LABELLED = "tweets.labelled"
DEAD_LETTER = "tweets.dead-letter"


def replayed(dead_letter_topic: str) -> str:
    """Return the name of the topic that records which dead letters were replayed."""
    return f"{dead_letter_topic}.replayed"
