"""The error messages that docs/runbook.md quotes."""

import re

from tests.docs.pages import ROOT

RUNBOOK = (ROOT / "docs/runbook.md").read_text(encoding="utf-8")


def messages() -> list[str]:
    """Return the text of worker/, with string literals that follow each other joined."""
    modules = (ROOT / "worker").rglob("*.py")
    return [re.sub(r'"\s*\n\s*f?"', "", path.read_text(encoding="utf-8")) for path in modules]


def test_the_worker_has_every_message_that_the_runbook_quotes() -> None:
    """Whoever searches the runbook for a line of the log finds it: between two … the words are the code's."""
    quoted = re.findall(r"^\| (`.*?`) (?:\(`/livez`\) )?\|", RUNBOOK, re.MULTILINE)
    parts = {part.strip() for cell in quoted for text in re.findall(r"`([^`]+)`", cell) for part in text.split("…")}
    missing = sorted(part for part in parts if not any(part in text for text in messages()))
    assert len(parts) > 15
    assert missing == []
