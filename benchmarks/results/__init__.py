"""What benchmarks report: facts of the machine, scores, fits, tables and pictures."""
