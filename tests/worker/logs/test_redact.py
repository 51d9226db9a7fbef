"""Redaction of secrets in the log."""

import logging

import pytest

from worker.logs.redact import RedactionFilter


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("login of user with hunter2", "login of user with ***"),
        (r"b'n,,\x01auth=Bearer eyJh.eyJz-_~+/.sig=\x01\x01'", r"b'n,,\x01auth=Bearer ***\x01\x01'"),
        ("Authorization: Basic dHdlZXRzOg==, 200", "Authorization: Basic ***, 200"),
        ("the bearer of news", "the bearer of news"),
    ],
)
def test_secrets_and_tokens_are_redacted(message: str, shown: str) -> None:
    """Passwords are known by value; tokens, which change while the worker runs, by what stands before them."""
    record = logging.LogRecord("kafka", logging.DEBUG, "f.py", 1, "%s", (message,), None)
    assert RedactionFilter(["hunter2"]).filter(record)
    assert record.getMessage() == shown
