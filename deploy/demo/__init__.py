"""The demo: a real broker, a real worker and a stream of tweets, started, shown, summed up and ended."""
