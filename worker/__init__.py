"""Labels a Kafka stream of tweets with a cascade of classifiers."""
