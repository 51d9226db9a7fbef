"""Errors and help of the commands."""

from pathlib import Path

import pytest

from deploy.demo.broker import free_port
from worker.__main__ import build_parser
from worker.cli import app
from worker.metrics import new_registry, serving


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run a command of the worker; return its exit code and stderr."""
    code = app.main(build_parser(), arguments)
    return code, " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("command", ["run", "topics", "tail", "replay", "produce tweets.csv", "follow bluesky"])
def test_an_unreachable_broker_is_one_line(
    command: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the address and the setting; there is no traceback and no log of retries."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CASCADE_METRICS_PORT", "0")
    Path("tweets.csv").write_text("id,text\n1,x\n")
    address = f"127.0.0.1:{free_port()}"
    code, err = run(capsys, *command.split(), "--bootstrap-servers", address, "--connect-timeout", "500ms")
    assert code == 2
    assert err.startswith(f"error: no Kafka broker answers at {address}")
    assert "CASCADE_BOOTSTRAP_SERVERS" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--batch-size", "x"], "--batch-size"),
        (["produce", "nothing.csv"], "cannot read nothing.csv"),
        (["produce", "my tweets.csv"], "try: python -m worker produce 'my tweets.csv' --text-column NAME"),
        (["produce", "my tweets.csv", "--text-column", "body", "--encoding", "x"], "--encoding: 'x' is not known"),
        (["produce", "none.jsonl"], "none.jsonl: none of 2 entries is a tweet: line 1: not JSON"),
        (["produce", "nothing.csv", "--rate", "0"], "--rate"),
        (["produce", "nothing.csv", "--rate", "inf"], "--rate: inf tweets per second; it must be a finite number"),
        (["produce", "nothing.csv", "--rate", "nan"], "--rate: nan"),
        (["produce", "nothing.csv", "--repeat", "-1"], "--repeat"),
        (["produce", "-", "--rate", "9"], "--rate and --repeat are for files"),
        (["produce", "-", "--repeat", "0"], "--rate and --repeat are for files"),
        (["follow", "mastodon"], "--server mastodon.social"),
        (["health", "--metrics-port", "0"], "--metrics-port"),
        (["replay", "--max", "0"], "--max"),
        (["replay", "--since", "noon"], "--since: noon"),
        (["replay", "--dead-letters", "1:"], "--dead-letters: 1:"),
        (["replay", "--letters", "1:5"], "--letters is now --dead-letters"),
    ],
)
def test_a_wrong_argument_is_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """A user's error ends a command with exit code 2."""
    monkeypatch.chdir(tmp_path)
    Path("my tweets.csv").write_text("id,body\n1,fire\n")
    Path("none.jsonl").write_text("bad\nworse\n")
    code, err = run(capsys, *arguments)
    assert (code, err.startswith("error: ")) == (2, True)
    assert message in err


@pytest.mark.parametrize("command", ["", "run", "produce", "follow", "tail", "topics", "replay", "health"])
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` works, and has more than a usage line."""
    with pytest.raises(SystemExit) as ended:
        app.main(build_parser(), [*command.split(), "--help"])
    assert ended.value.code == 0
    assert len(capsys.readouterr().out.splitlines()) > 8


def test_help_names_the_environment(capsys: pytest.CaptureFixture[str]) -> None:
    """The help has flag, variable and default of each setting, and the variables of the secrets."""
    with pytest.raises(SystemExit):
        app.main(build_parser(), ["run", "--help"])
    out = " ".join(capsys.readouterr().out.split())
    assert "--group-id" in out
    assert "[CASCADE_GROUP_ID; default: tweet-cascade]" in out
    assert "CASCADE_SASL_PLAIN_PASSWORD" in out


def test_health_queries_the_worker_with_the_same_settings(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container's HEALTHCHECK needs the exit code, and whoever inspects the container the reason."""
    monkeypatch.setenv("CASCADE_METRICS_HOST", "0.0.0.0")  # noqa: S104 (what a container sets)
    checks = {"/livez": list[str], "/readyz": lambda: ["it is stopping"]}
    with serving(new_registry(), checks, "127.0.0.1", 0) as port:
        monkeypatch.setenv("CASCADE_METRICS_PORT", str(port))
        assert run(capsys, "health") == (0, "")
        code, err = run(capsys, "health", "--ready")
        assert (code, err.endswith("/readyz: it is stopping")) == (1, True)
    code, err = run(capsys, "health")
    assert code == 1
    assert err.startswith(f"error: no worker answers at http://127.0.0.1:{port}/livez")
