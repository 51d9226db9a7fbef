"""Logging: set-up, JSON format, throttling, redaction."""
