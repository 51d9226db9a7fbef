"""OAUTHBEARER: tokens of an authorization server, and of AWS' IAM."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.kafka import Cluster
from deploy.kafka.security import Security
from tests.kafka.support.auditor import audit
from tests.kafka.support.commands import Commands
from tests.kafka.support.modes import both_modes
from tests.kafka.support.tweets import Feed
from tests.kafka.support.waiting import wait_until
from tests.kafka.support.workers import Workers
from tests.token_server import CLIENT, SECRET, TokenServer, token_server
from worker.settings import KafkaSettings

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]


@pytest.fixture
def endpoint() -> Iterator[TokenServer]:
    """Serve tokens."""
    with token_server() as served:
        yield served


@pytest.fixture
def client(cluster: Cluster, endpoint: TokenServer) -> Commands:
    """Return the commands, with a client's credentials."""
    login = {"TOKEN_URL": endpoint.url, "CLIENT_ID": CLIENT, "CLIENT_SECRET": SECRET, "SCOPE": "kafka"}
    environment = {f"CASCADE_SASL_OAUTH_{name}": value for name, value in login.items()}
    environment |= {"CASCADE_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "CASCADE_SASL_MECHANISM": "OAUTHBEARER"}
    return Commands(cluster.servers("OAUTH"), environment)


@both_modes
def test_every_command_connects(
    client: Commands, endpoint: TokenServer, settings: KafkaSettings, workers: Workers, tmp_path: Path
) -> None:
    """Each command logs in with a token; a process requests one for all of its clients."""
    lines = ('{"id": "0", "text": "Forest fire"}', '{"id": "1", "text": "Mixtape on fire"}', '{"id": "2"}')
    (tmp_path / "some.jsonl").write_text("\n".join(lines))
    made = client.run(settings, "topics")
    assert (made.returncode, made.stdout.count("already exists")) == (0, 3), made.stderr
    sent = client.run(settings, "produce", str(tmp_path / "some.jsonl"))
    assert (sent.returncode, sent.stdout.split()[:2]) == (0, ["2", "tweets"]), sent.stderr
    before = len(endpoint.forms)
    workers.servers, workers.environment = client.servers, client.environment
    worker = workers.start()
    watched = client.run(settings, "tail", "--from-beginning", "--max", "2", "--json")
    workers.wait_done(60)
    worker.terminate()
    assert worker.wait(30) == 0, workers.logs()
    assert {json.loads(line)["id"] for line in watched.stdout.splitlines()} == {"0", "1"}, watched.stderr
    assert audit(settings).doubled == 0
    assert len(endpoint.forms) - before == 2  # the worker's, and tail's
    replayed = client.run(settings, "replay", "--yes")
    assert replayed.returncode == 0, replayed.stderr


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"SASL_OAUTH_CLIENT_SECRET": "wrong"}, "token endpoint http://127.*/token refuses the client .invalid_client"),
        ({"SASL_OAUTH_TOKEN_URL": "http://127.0.0.1:9/token"}, "http://127.0.0.1:9/token cannot be reached"),
        (
            {"BOOTSTRAP_SERVERS": None},
            "rejected the login of OAuth client tweets with a token from http.*/token .*invalid_token",
        ),
    ],
)
def test_a_refusal_is_one_line(
    client: Commands, endpoint: TokenServer, settings: KafkaSettings, change: dict[str, Any], message: str
) -> None:
    """A wrong secret, a wrong address, or a token that the broker does not accept end the worker with exit code 2."""
    endpoint.lifetime_s = -60  # as a server with a wrong clock
    client.change({"CONNECT_TIMEOUT": "2s", **change})
    line = client.refusal(settings)
    assert re.search(message, line), line


def test_a_token_of_aws_is_sent(
    cluster: Cluster, security: Security, settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS_MSK_IAM sends its signed URL as a token, which only MSK understands; the refusal names the credentials."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI")
    client = Commands(cluster.servers("OAUTH_SSL"), {"CASCADE_SSL_CAFILE": str(security.ca)})
    client.change({"SECURITY_PROTOCOL": "SASL_SSL", "SASL_MECHANISM": "AWS_MSK_IAM", "SASL_AWS_REGION": "eu-west-1"})
    line = client.refusal(settings)
    assert re.search("rejected the login of the AWS credentials .SASL_SSL, AWS_MSK_IAM", line), line


@both_modes
def test_a_worker_outlives_its_tokens(
    client: Commands, endpoint: TokenServer, settings: KafkaSettings, workers: Workers, feed: Feed
) -> None:
    """Tokens are renewed while the worker runs; it waits while the authorization server is away for longer than one."""
    endpoint.lifetime_s = 3
    workers.servers, workers.environment = client.servers, client.environment
    worker = workers.start()
    feed.add(300)
    workers.wait_first_commit(feed)
    wait_until(lambda: len(endpoint.forms) >= 3, 30, workers.logs)
    endpoint.answer = 503, b"away"
    time.sleep(2 * endpoint.lifetime_s)
    feed.add(300)
    endpoint.answer = None
    workers.wait_done(60)
    assert worker.poll() is None, workers.logs()
    audit(settings).check(feed.count, workers.delivery)
