"""Offsets of the consumed partitions: where they start, what is committed, and how much is left."""
