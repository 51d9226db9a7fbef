"""Labelled tweets: load, fetch, profile."""
