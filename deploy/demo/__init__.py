"""Demo: an embedded broker, a worker and a stream of tweets, with a summary."""
