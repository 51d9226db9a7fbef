"""Default names of the topics that producers, worker and consumers share."""

TWEETS = "tweets"
LABELLED = "tweets.labelled"
DEAD_LETTER = "tweets.dead-letter"
