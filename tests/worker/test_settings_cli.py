"""Flags and variables of the settings, and their error messages."""

from argparse import ArgumentParser
from pathlib import Path

import pytest

from worker import settings_cli
from worker.errors import SettingError
from worker.settings import WorkerSettings
from worker.settings_cli import add_flags, read_settings

OAUTH = ["--security-protocol", "SASL_SSL", "--sasl-mechanism", "OAUTHBEARER"]


def read(*flags: str) -> WorkerSettings:
    """Return the settings that the flags and the environment give."""
    parser = ArgumentParser()
    add_flags(parser, WorkerSettings)
    return read_settings(WorkerSettings, parser.parse_args(flags))


def test_a_flag_wins_over_the_environment_over_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """The order of precedence that every operator expects."""
    assert read().batch_size == 2048
    monkeypatch.setenv("CASCADE_BATCH_SIZE", "7")
    assert read().batch_size == 7
    assert read("--batch-size", "9").batch_size == 9


@pytest.mark.parametrize(
    ("flags", "environment", "message"),
    [
        (["--latency-objective", "fast"], {}, "--latency-objective: 'fast' is not a duration.* 250ms, 2s, 1m"),
        ([], {"CASCADE_LATENCY_OBJECTIVE": "1ms"}, "CASCADE_LATENCY_OBJECTIVE: must be 10ms or more"),
        (["--connect-timeout", "0.05s"], {}, "--connect-timeout: must be 100ms or more"),
        (["--session-timeout", "999ms"], {}, "--session-timeout: must be 1s or more"),
        (["--on-overload", "drop"], {}, "--on-overload: .*'shed' or 'lag'"),
        (["--batch-size", "0"], {}, "--batch-size: .*greater than or equal to 1"),
        ([], {"CASCADE_BATCH_SIZE": "many"}, "CASCADE_BATCH_SIZE: .*integer"),
        (["--input-topic", "tweets,,toots"], {}, "--input-topic: 'tweets,,toots' has an empty name"),
        ([], {"CASCADE_INPUT_TOPIC": "a, b ,a"}, "CASCADE_INPUT_TOPIC: a is named twice"),
        (["--input-topic", "a,b", "--output-topic", "b"], {}, "--input-topic and --output-topic are both 'b'"),
        (["--security-protocol", "TSL"], {}, "--security-protocol: .*SASL_SSL"),
        (["--bootstrap-servers", ""], {}, "--bootstrap-servers"),
        (["--bootstrap-servers", "SSL://kafka:9093"], {}, "write kafka:9093, and set --security-protocol to SSL"),
        (["--bootstrap-servers", "a:1,"], {}, "--bootstrap-servers: '' is not an address of a broker"),
        (["--bootstrap-servers", "a:ninety"], {}, "'a:ninety' is not an address of a broker: write host:port"),
        (["--bootstrap-servers", "a:0"], {}, "'a:0' is not an address of a broker"),
        (["--bootstrap-servers", "a:65536"], {}, "'a:65536' is not an address of a broker"),
        (["--bootstrap-servers", "a b:1"], {}, "'a b:1' is not an address of a broker"),
        (["--bootstrap-servers", "::1"], {}, r"'::1' is not an address of a broker: .* or \[::1\]:9092"),
        ([], {"CASCADE_BOOTSTRAP_SERVERS": "http://a"}, "CASCADE_BOOTSTRAP_SERVERS: 'http://a' is not host:port"),
        (["--ssl-cafile", "/nowhere/ca.pem"], {}, "--ssl-cafile: .*not point to a file"),
        (["--security-protocol", "SASL_SSL"], {"CASCADE_SASL_MECHANISM": "PLAIN"}, "CASCADE_SASL_PLAIN_USERNAME"),
        (["--sasl-mechanism", "PLAIN"], {}, "--security-protocol is neither"),
        (["--ssl-keyfile", __file__, "--security-protocol", "SSL"], {}, "--ssl-keyfile needs --ssl-certfile"),
        (["--security-protocol", "SASL_SSL"], {}, "SASL needs --sasl-mechanism .*OAUTHBEARER or AWS_MSK_IAM"),
        (OAUTH, {}, "OAUTHBEARER also needs CASCADE_SASL_OAUTH_TOKEN_URL, .*_CLIENT_ID, .*_CLIENT_SECRET"),
        (["--sasl-oauth-token-url", "http://a/t"], {}, "--security-protocol is neither"),
        ([*OAUTH, "--sasl-oauth-token-url", "login.example"], {}, "--sasl-oauth-token-url: it is not a URL such as"),
        ([*OAUTH, "--sasl-oauth-token-url", "https://i:s@a/t"], {}, "settings of their own: .*OAUTH_CLIENT_SECRET"),
        ([*OAUTH, "--sasl-oauth-extensions", "logicalCluster"], {}, "--sasl-oauth-extensions: .*name=value"),
        (["--security-protocol", "SASL_PLAINTEXT", "--sasl-mechanism", "AWS_MSK_IAM"], {}, "AWS_MSK_IAM needs .*SSL"),
    ],
)
def test_a_wrong_value_is_reported_with_its_origin(
    flags: list[str], environment: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the flag or the variable that has to change."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingError, match=message):
        read(*flags)


@pytest.mark.parametrize(
    ("flags", "names"),
    [
        (["--input-topic", "a", "--output-topic", "a"], ["--input-topic", "--output-topic"]),
        (["--input-topic", "a", "--dead-letter-topic", "a"], ["--input-topic", "--dead-letter-topic"]),
        (["--output-topic", "a", "--dead-letter-topic", "a"], ["--output-topic", "--dead-letter-topic"]),
        (["--output-topic", "tweets"], ["--input-topic", "--output-topic"]),
        (["--input-topic", "d.replayed", "--dead-letter-topic", "d"], ["--input-topic", "--dead-letter-topic"]),
        (["--liveness-deadline", "119s"], ["--liveness-deadline (119s)", "--delivery-timeout (120s)"]),
        (["--connect-timeout", "6m"], ["--liveness-deadline (300s)", "--connect-timeout (360s)"]),
        (["--max-poll-interval", "44s"], ["--max-poll-interval (44s)", "--session-timeout (45s)"]),
        (["--ssl-cafile", __file__], ["--ssl-cafile", "--security-protocol is PLAINTEXT"]),
    ],
)
def test_contradicting_settings_are_refused(flags: list[str], names: list[str]) -> None:
    """Two settings that are allowed by themselves and not together: the message names both."""
    with pytest.raises(SettingError) as refused:
        read(*flags)
    assert [name for name in names if name not in str(refused.value)] == []


def test_one_message_names_all_contradictions() -> None:
    """A user corrects a configuration once, not once for each of its faults."""
    with pytest.raises(SettingError) as refused:
        read("--liveness-deadline", "10s", "--max-poll-interval", "10s")
    assert str(refused.value).count(" is shorter than ") == 2


@pytest.mark.parametrize(
    ("name", "replacement"),
    [
        ("connect_timeout_ms", "is now {connect_timeout}, a duration with its unit"),
        ("session_timeout_ms", "is now {session_timeout}, a duration with its unit"),
        ("max_poll_interval_ms", "is now {max_poll_interval}, a duration with its unit"),
        ("delivery_timeout_ms", "is now {delivery_timeout}, a duration with its unit"),
        ("transaction_timeout_ms", "is now {transaction_timeout}, a duration with its unit"),
        ("liveness_deadline_ms", "is now {liveness_deadline}, a duration with its unit"),
        ("artifact_watch_ms", "is now {artifact_watch}, a duration with its unit"),
        ("poll_timeout_ms", "was removed: a poll waits for 500 ms"),
        ("transactional_id", "was removed: transactional ids begin with --group-id"),
        ("bad_window", "was removed: --max-bad-share is about the last 10,000 records"),
    ],
)
def test_a_setting_of_a_former_version_is_an_error(
    name: str, replacement: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A flag, a variable or a file that would have no effect any more ends the command and names what replaced it."""
    new = replacement.rsplit("{", maxsplit=1)[-1].split("}", maxsplit=1)[0]
    flag, variable = settings_cli.flag(name), settings_cli.variable(name)
    for given in ([flag, "7"], [f"{flag}=7"], [flag]):
        with pytest.raises(SettingError) as error:
            read(*given)
        assert str(error.value).startswith(f"{flag} {replacement.format_map({new: settings_cli.flag(new)})}")
    monkeypatch.setattr(settings_cli, "SECRETS_DIR", tmp_path)
    (tmp_path / variable.lower()).write_text("7")
    expected = f"{variable} {replacement.format_map({new: settings_cli.variable(new)})}"
    for _ in range(2):  # the file, then the variable
        with pytest.raises(SettingError) as error:
            read()
        assert str(error.value).startswith(expected)
        (tmp_path / variable.lower()).unlink(missing_ok=True)
        monkeypatch.setenv(variable.lower(), "")


def test_secrets_come_from_the_environment_and_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords do not appear in a process list, a log or a traceback."""
    monkeypatch.setenv("CASCADE_SASL_PLAIN_PASSWORD", "hunter2")
    found = read("--security-protocol", "SASL_SSL", "--sasl-mechanism", "PLAIN", "--sasl-plain-username", "u")
    assert found.sasl_plain_password is not None
    assert found.sasl_plain_password.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(found)
    with pytest.raises(SystemExit):
        read("--sasl-plain-password", "hunter2")


def test_several_topics_are_read() -> None:
    """Spaces after a comma are a matter of taste; a command that publishes needs one of them."""
    found = read("--input-topic", "tweets, toots")
    assert (found.input_topic, found.input_topics) == ("tweets,toots", ("tweets", "toots"))
    with pytest.raises(SettingError, match="publishes to one topic, not to tweets,toots; .* --input-topic tweets"):
        found.one_input_topic()
    assert read().one_input_topic() == "tweets"


def test_extensions_are_names_and_values() -> None:
    """Confluent Cloud's identity pools need them beside the token."""
    found = read("--sasl-oauth-extensions", "logicalCluster=lkc-1, identityPoolId=pool-a=b")
    assert found.sasl_oauth_extensions == (("logicalCluster", "lkc-1"), ("identityPoolId", "pool-a=b"))
    assert read("--sasl-oauth-extensions", "").sasl_oauth_extensions == ()


def test_secrets_come_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Docker and Kubernetes mount secrets as files."""
    (tmp_path / "cascade_sasl_plain_password").write_text("from a file")
    monkeypatch.setattr(settings_cli, "SECRETS_DIR", tmp_path)
    flags = ("--security-protocol", "SASL_SSL", "--sasl-mechanism", "PLAIN", "--sasl-plain-username", "u")
    password = read(*flags).sasl_plain_password
    assert password is not None
    assert password.get_secret_value() == "from a file"
