"""What benchmarks run on: a broker, topics, tweets and the measured processes."""
