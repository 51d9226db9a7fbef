"""Pinned packages of the images."""
