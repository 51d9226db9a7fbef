"""Redaction of secrets."""

import json
import logging

import pytest

from worker.logs.json_formatter import JsonFormatter
from worker.logs.redact import redactor
from worker.logs.setup import TextFormatter

SECRETS = ["hunter2", "back\\slash", "it's", "both '\"", "tab\tnewline\n", "naïve ünïcode", "50%/+?&", "a\\'b\\\\\"c"]


def shown(secret: str) -> list[str]:
    """Return the secret as libraries write it."""
    config = {"password": secret}
    return [
        secret, repr(secret), repr(config), repr(f"login failed: {config}"), json.dumps(config), repr(secret.encode()),
        json.dumps({"message": repr(config)}), json.dumps(config, ensure_ascii=False), repr(json.dumps(config)),
    ]  # fmt: skip


def record(message: str, error: BaseException | None = None) -> logging.LogRecord:
    """Return a log record."""
    exc_info = (type(error), error, None) if error else None
    return logging.LogRecord("kafka", logging.DEBUG, "x.py", 1, "%s", (message,), exc_info)


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_redacted_however_it_is_written(secret: str) -> None:
    """A password with a quote or a backslash looks different in a repr and in JSON, and is the same secret."""
    text, lines = TextFormatter(redactor([secret])), JsonFormatter(redactor([secret], in_json=True))
    inner = repr(secret)[1:-1]
    for message in shown(secret):
        plain, line = text.format(record(message)), lines.format(record(message))
        assert "***" in plain
        assert "***" in json.loads(line)["message"]
        assert [found for found in (secret, inner) if found in plain or found in json.loads(line)["message"]] == []


@pytest.mark.parametrize("secret", SECRETS)
def test_a_traceback_is_redacted(secret: str) -> None:
    """An exception of a library may quote its configuration."""
    error = ValueError(f"wrong configuration: { {'password': secret} }")
    text = TextFormatter(redactor([secret])).format(record("failed", error))
    line = json.loads(JsonFormatter(redactor([secret], in_json=True)).format(record("failed", error)))
    assert (secret in text, secret in line["exception"]) == (False, False)
    assert ("'password': '***'" in text.replace('"', "'"), "***" in line["exception"]) == (True, True)


def test_nothing_else_is_redacted() -> None:
    """Without a secret, or with an empty one, a line stays as it is."""
    assert [redactor(secrets)("a b") for secrets in ([], [""], ["c"])] == ["a b"] * 3


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
    assert redactor(["hunter2"])(message) == shown
    line = JsonFormatter(redactor(["hunter2"], in_json=True)).format(record(message))
    assert json.loads(line)["message"] == shown
