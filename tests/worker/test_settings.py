"""Flags, environment, defaults."""

from argparse import ArgumentParser
from pathlib import Path

import pytest

from worker import settings
from worker.errors import SettingError
from worker.operating import seconds
from worker.settings import WorkerSettings, add_flags, default_text, flag, is_secret, read_settings, variable


def read(*flags: str) -> WorkerSettings:
    """Return the settings that the flags and the environment give."""
    parser = ArgumentParser()
    add_flags(parser, WorkerSettings)
    return read_settings(WorkerSettings, parser.parse_args(flags))


def test_a_flag_wins_over_the_environment_over_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """The order that every operator expects."""
    assert read().batch_size == 2048
    monkeypatch.setenv("CASCADE_BATCH_SIZE", "7")
    assert read().batch_size == 7
    assert read("--batch-size", "9").batch_size == 9


@pytest.mark.parametrize(
    ("flags", "environment", "message"),
    [
        (["--latency-objective", "fast"], {}, "--latency-objective: .*'fast' is no duration.* 250ms, 2s, 1m"),
        ([], {"CASCADE_LATENCY_OBJECTIVE": "1ms"}, "CASCADE_LATENCY_OBJECTIVE: .*10ms or more"),
        (["--on-overload", "drop"], {}, "--on-overload: .*'shed' or 'lag'"),
        (["--batch-size", "0"], {}, "--batch-size: .*greater than or equal to 1"),
        ([], {"CASCADE_BATCH_SIZE": "many"}, "CASCADE_BATCH_SIZE: .*integer"),
        (["--security-protocol", "TSL"], {}, "--security-protocol: .*SASL_SSL"),
        (["--bootstrap-servers", ""], {}, "--bootstrap-servers"),
        (["--ssl-cafile", "/nowhere/ca.pem"], {}, "--ssl-cafile: .*not point to a file"),
        (["--security-protocol", "SASL_SSL"], {"CASCADE_SASL_MECHANISM": "PLAIN"}, "CASCADE_SASL_PLAIN_USERNAME"),
        (["--sasl-mechanism", "PLAIN"], {}, "--security-protocol is neither"),
    ],
)
def test_a_wrong_value_is_told_with_its_origin(
    flags: list[str], environment: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user sees which of their settings to mend."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingError, match=message):
        read(*flags)


@pytest.mark.parametrize(
    ("text", "expected"), [("250ms", 0.25), ("2s", 2), ("1m", 60), ("1.5 s", 1.5), (" 10ms ", 0.01)]
)
def test_a_duration_is_written_as_people_do(text: str, expected: float) -> None:
    """An objective has a unit: nobody has to know which one is meant."""
    assert seconds(read("--latency-objective", text).latency_objective) == pytest.approx(expected)


def test_secrets_come_from_the_environment_and_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """No password in a process list, a log or a traceback."""
    monkeypatch.setenv("CASCADE_SASL_PLAIN_PASSWORD", "hunter2")
    found = read("--security-protocol", "SASL_SSL", "--sasl-mechanism", "PLAIN", "--sasl-plain-username", "u")
    assert found.sasl_plain_password is not None
    assert found.sasl_plain_password.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(found)
    with pytest.raises(SystemExit):
        read("--sasl-plain-password", "hunter2")


def test_secrets_come_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Docker and Kubernetes hand secrets over as files."""
    (tmp_path / "cascade_sasl_plain_password").write_text("from a file")
    monkeypatch.setattr(settings, "SECRETS_DIR", tmp_path)
    flags = ("--security-protocol", "SASL_SSL", "--sasl-mechanism", "PLAIN", "--sasl-plain-username", "u")
    password = read(*flags).sasl_plain_password
    assert password is not None
    assert password.get_secret_value() == "from a file"


def test_the_readme_lists_every_setting() -> None:
    """The table that users look at is the code's."""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    for name, info in WorkerSettings.model_fields.items():
        first = f"`{variable(name)}`" if is_secret(WorkerSettings, name) else f"`{flag(name)}`"
        assert f"| {first} | {default_text(info.default)} | {info.description} |" in readme
