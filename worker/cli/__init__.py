"""Shared parts of the command lines: parsers, errors, interruption, progress bars, files of tweets."""
