"""Logging: format, throttling, redaction."""
