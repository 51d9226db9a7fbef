"""Batch sizes and deferral budgets under load."""
