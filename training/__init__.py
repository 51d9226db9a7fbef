"""Trains, compares and saves the models, and picks the cascade from what it measured."""
