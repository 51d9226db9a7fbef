"""Labelled tweets: fetch, load, split and profile them."""
