"""Sentence encoders of others: read a model's folder, quantize its graph, and write both into an artifact."""
