"""What a broker refuses: each case as a user meets it, on a broker that grants nothing by itself."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from confluent_kafka import Consumer
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from deploy.kafka import Cluster
from deploy.kafka.config import Listener
from deploy.kafka.security import LISTENERS, USER, Security
from tests.kafka.conftest import PROPERTIES, new_settings
from tests.kafka.support.auditor import audit
from tests.kafka.support.modes import both_modes
from tests.kafka.support.tweets import Feed, group_of
from tests.kafka.support.waiting import wait_until
from tests.kafka.support.workers import Workers
from worker.settings import KafkaSettings

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]

LARGEST_GROUP = 2
TOPICS = ("input_topic", "output_topic", "dead_letter_topic")
LOST = Listener("LOST", "PLAINTEXT", advertised_host="broker.invalid")
Right = tuple[ResourceType, str, AclOperation]


@pytest.fixture(scope="module")
def strict(security: Security) -> Iterator[Cluster]:
    """Start a broker that grants its users nothing but what an ACL allows."""
    properties = {
        **PROPERTIES,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
        "group.max.size": str(LARGEST_GROUP),
    }
    with Cluster(properties=properties, listeners=(*LISTENERS, LOST), security=security) as running:
        yield running


@pytest.fixture
def settings(strict: Cluster) -> KafkaSettings:
    """Return settings with topics of the test, as the administrator sees them."""
    return new_settings(strict)


@pytest.fixture
def login(strict: Cluster, security: Security) -> dict[str, str]:
    """Return the variables of a user without any right."""
    return {
        "CASCADE_BOOTSTRAP_SERVERS": strict.servers("SASL_PLAINTEXT"),
        "CASCADE_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "CASCADE_SASL_MECHANISM": "PLAIN",
        "CASCADE_SASL_PLAIN_USERNAME": USER, "CASCADE_SASL_PLAIN_PASSWORD": security.password,
    }  # fmt: skip


def rights(settings: KafkaSettings) -> list[Right]:
    """Return the rights of a worker, as docs/kafka.md lists them."""
    return [
        (ResourceType.TOPIC, settings.input_topic, AclOperation.READ),
        (ResourceType.TOPIC, settings.output_topic, AclOperation.WRITE),
        (ResourceType.TOPIC, settings.dead_letter_topic, AclOperation.WRITE),
        (ResourceType.GROUP, group_of(settings), AclOperation.READ),
        (ResourceType.TRANSACTIONAL_ID, f"{group_of(settings)}-", AclOperation.WRITE),
    ]


def grant(settings: KafkaSettings, granted: Sequence[Right]) -> None:
    """Grant the user rights."""
    admin, wanted = AdminClient({"bootstrap.servers": settings.bootstrap_servers}), [acl(*right) for right in granted]
    for done in admin.create_acls(wanted).values():
        done.result(30)


def revoke(settings: KafkaSettings, right: Right) -> None:
    """Take a right away."""
    admin, acl_ = AdminClient({"bootstrap.servers": settings.bootstrap_servers}), acl(*right)
    found = AclBindingFilter(
        acl_.restype, acl_.name, acl_.resource_pattern_type, acl_.principal, acl_.host, acl_.operation,
        acl_.permission_type,
    )  # fmt: skip
    admin.delete_acls([found])[found].result(30)


def acl(kind: ResourceType, name: str, operation: AclOperation) -> AclBinding:
    """Return the ACL of a right."""
    prefixed = kind == ResourceType.TRANSACTIONAL_ID
    pattern = ResourcePatternType.PREFIXED if prefixed else ResourcePatternType.LITERAL
    return AclBinding(kind, name, pattern, f"User:{USER}", "*", operation, AclPermissionType.ALLOW)


def run(settings: KafkaSettings, artifact: Path, *flags: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a worker until it ends by itself."""
    command = [
        sys.executable, "-m", "worker", "run", "--artifact", str(artifact), "--metrics-port", "0",
        "--input-topic", settings.input_topic, "--output-topic", settings.output_topic,
        "--dead-letter-topic", settings.dead_letter_topic, "--group-id", group_of(settings), *flags,
    ]  # fmt: skip
    known = {"CASCADE_BOOTSTRAP_SERVERS": settings.bootstrap_servers, "CASCADE_CONNECT_TIMEOUT": "30s", **environment}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=180, env={**os.environ, **known}
    )  # fmt: skip


def last_line(ended: subprocess.CompletedProcess[str]) -> str:
    """Return the line that ends a worker with exit code 2."""
    assert (ended.returncode, "Traceback" in ended.stderr) == (2, False), ended.stderr
    return ended.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (0, "user tweets has no right to Read topic {name}; .* --operation Read --topic {name}$"),
        (1, "user tweets has no right to Write topic {name}; .* --operation Write --topic {name}$"),
        (2, "user tweets has no right to Write topic {name}; .* --allow-principal User:tweets .* --topic {name}$"),
        (3, "user tweets has no right to Read group {name}; .* --operation Read --group {name}$"),
        (4, "no right to Write transactional ids that begin with {name}; .* --transactional-id {name} .*prefixed$"),
    ],
)
def test_a_missing_right_is_named(
    number: int, message: str, settings: KafkaSettings, login: dict[str, str], small_artifact: Path
) -> None:
    """A worker with all rights but one ends with the command that grants it; no topic is called missing."""
    wanted = rights(settings)
    grant(settings, wanted[:number] + wanted[number + 1 :])
    ended = run(settings, small_artifact, "--delivery", "exactly_once", **login)
    assert re.search(message.format(name=re.escape(wanted[number][1])), last_line(ended)), ended.stderr


@both_modes
def test_the_listed_rights_are_enough(
    settings: KafkaSettings, login: dict[str, str], small_artifact: Path, tmp_path: Path, delivery: str
) -> None:
    """docs/kafka.md lists them; one that is taken away later ends the worker with 1 and the same advice."""
    granted = rights(settings)[: 4 if delivery == "at_least_once" else 5]
    grant(settings, granted)
    feed = Feed(settings)
    with closing(Workers(settings, small_artifact, tmp_path, delivery)) as workers:
        workers.servers, workers.environment = login["CASCADE_BOOTSTRAP_SERVERS"], login
        worker = workers.start()
        feed.add(100)
        workers.wait_done(60)
        audit(settings).check(100, delivery)
        revoke(settings, granted[3])
        feed.add(100)
        assert worker.wait(60) == 1, workers.logs()
        assert f"--operation Read --group {group_of(settings)}" in workers.logs()
        assert "Traceback" not in workers.logs()


@pytest.mark.parametrize(
    ("words", "granted", "message"),
    [
        (["topics"], None, "no right to Describe topic {input}; .* --operation Describe --topic {input}$"),
        (
            ["topics", "--input-topic", "{new}"],
            AclOperation.DESCRIBE,
            "no right to Create topic {new}; .* Create --topic",
        ),
        (["topics", "--input-topic", "{new}", "--replicas", "3"], AclOperation.ALL, "--replicas asks for more copies"),
        (["tail"], None, "no right to Read topic {output}; "),
        (["produce", "{file}"], AclOperation.DESCRIBE, "no right to Write topic {input}; "),
        (["replay"], AclOperation.DESCRIBE, "no right to Read topic {dead}; "),
        (["replay", "--yes"], AclOperation.ALL, "transactional id replay-{dead}; .* --transactional-id replay-{dead}"),
    ],
)
def test_a_right_that_another_command_lacks_is_named(
    words: list[str], granted: AclOperation | None, message: str, settings: KafkaSettings, login: dict[str, str],
    tmp_path: Path,
) -> None:  # fmt: skip
    """Each command of the worker says which right it needs."""
    (tmp_path / "some.csv").write_text("id,text\n0,Forest fire\n")
    names = {
        "input": settings.input_topic, "output": settings.output_topic, "dead": settings.dead_letter_topic,
        "new": f"new-{settings.input_topic}", "file": str(tmp_path / "some.csv"),
    }  # fmt: skip
    topics = [*(names[name] for name in ("input", "output", "dead", "new")), f"{names['dead']}.replayed"]
    if granted:
        grant(settings, [(ResourceType.TOPIC, name, granted) for name in topics])
    variables = {f"CASCADE_{name.upper()}": str(getattr(settings, name)) for name in TOPICS}
    ended = subprocess.run(
        [sys.executable, "-m", "worker", *(word.format_map(names) for word in words)], capture_output=True, text=True,
        check=False, timeout=180, env={**os.environ, **variables, **login},
    )  # fmt: skip
    assert re.search(message.format_map(names), last_line(ended)), ended.stderr


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (
            ["--session-timeout", "1s"],
            r"--session-timeout \(1 s\) is not between the broker's group.min.session.timeout",
        ),
        (["--session-timeout", "31m", "--max-poll-interval", "40m"], r"--session-timeout \(1860 s\) is not between"),
        (
            ["--delivery", "exactly_once", "--transaction-timeout", "16m"],
            r"--transaction-timeout \(960 s\) is longer than the broker's transaction.max.timeout.ms",
        ),
    ],
)
def test_a_setting_that_the_broker_does_not_allow_is_named(
    flags: list[str], message: str, settings: KafkaSettings, small_artifact: Path
) -> None:
    """Kafka's limits are the broker's: only it can say that a time-out is too long."""
    assert re.search(message, last_line(run(settings, small_artifact, *flags)))


def join(undo: ExitStack, settings: KafkaSettings, strategies: Sequence[str]) -> None:
    """Join the worker's group with other clients; wait until all of them have partitions."""
    joined = [
        Consumer({"bootstrap.servers": settings.bootstrap_servers, "group.id": group_of(settings),
                  "partition.assignment.strategy": strategy})
        for strategy in strategies
    ]  # fmt: skip
    for member in joined:
        undo.callback(member.close)
        member.subscribe([settings.input_topic])

    def assigned() -> bool:
        for member in joined:
            member.poll(0.2)
        return all(member.assignment() for member in joined)

    wait_until(assigned, 60, lambda: "the others have not joined")


@pytest.mark.parametrize(
    ("strategies", "message"),
    [
        (["range"], "cannot join group {group}: group {group} has members that are not workers: .*another --group-id"),
        (["cooperative-sticky"] * LARGEST_GROUP, "group {group} has as many members as the broker's group.max.size"),
    ],
)
def test_a_group_that_does_not_take_the_worker(
    strategies: list[str], message: str, settings: KafkaSettings, small_artifact: Path
) -> None:
    """A group of other programs, and a full one: the line says what to do instead of a number."""
    with ExitStack() as undo:
        join(undo, settings, strategies)
        ended = run(settings, small_artifact)
    assert re.search(message.format(group=group_of(settings)), last_line(ended)), ended.stderr


@pytest.mark.parametrize(
    ("servers", "message"),
    [
        (lambda c: f"127.0.0.1:{c.brokers[0].node.controller_port}", "is the port of a controller"),
        (
            lambda c: c.servers("LOST"),
            r"cannot be reached under the addresses that they advertise: broker\.invalid:\d+ \(",
        ),
    ],
)
def test_an_address_that_clients_cannot_use(
    servers: Callable[[Cluster], str], message: str, strict: Cluster, settings: KafkaSettings, small_artifact: Path
) -> None:
    """A controller answers, and so does a broker that advertises a name that nobody can resolve."""
    ended = run(settings, small_artifact, CASCADE_BOOTSTRAP_SERVERS=servers(strict))
    assert re.search(message, last_line(ended))
