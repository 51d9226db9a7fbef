"""What `python -m benchmarks.encoder` measures: ways, engines and types, and the peak of the machine."""
