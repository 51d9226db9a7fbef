"""docs/settings.md."""

from deploy.docs.settings import FILE, document
from worker.settings import WorkerSettings
from worker.settings_cli import flag, is_secret, variable


def test_the_document_is_current() -> None:
    """What users read is what the code does; `python -m deploy.docs` writes it."""
    assert FILE.read_text(encoding="utf-8") == document()


def test_the_document_has_every_setting_once() -> None:
    """Every setting has a row with its variable, description and default, and its flag unless it is a secret."""
    rows = document().splitlines()
    for name, info in WorkerSettings.model_fields.items():
        (row,) = [row for row in rows if f"| `{variable(name)}` |" in row]
        assert row.endswith(f"| {info.description} |")
        assert (f"| `{flag(name)}` |" in row) != is_secret(info)
