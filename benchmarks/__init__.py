"""Benchmarks of the worker: one command a module, with what they share in harness, load_generator and results."""
