"""The benchmark's report: one page that needs nothing else."""
