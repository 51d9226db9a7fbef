"""Apache Kafka itself, one cluster for all scenarios of a session."""

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from deploy.kafka import Cluster
from deploy.kafka.config import Listener
from deploy.kafka.security import LISTENERS, Security
from tests.kafka.support.deployment import Deployment
from tests.kafka.support.proxy import Proxy
from tests.kafka.support.tweets import Feed
from tests.kafka.support.workers import Workers
from tests.measurements import log_measurements, pytest_terminal_summary  # noqa: F401 (a hook)
from worker.kafka import create_topics
from worker.settings import KafkaSettings

_OAUTH = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
OAUTH_LISTENERS = (Listener("OAUTH", "SASL_PLAINTEXT"), Listener("OAUTH_SSL", "SASL_SSL"))
"""They accept any JSON Web Token that has not expired: by default Kafka verifies no signature."""
PROPERTIES = {
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",  # instead of 10 s
    **{
        f"listener.name.{listener.name.lower()}.{name}": value
        for listener in OAUTH_LISTENERS
        for name, value in {
            "sasl.enabled.mechanisms": "OAUTHBEARER",
            "oauthbearer.sasl.jaas.config": f'{_OAUTH} required unsecuredLoginStringClaim_sub="broker";',
        }.items()
    },
}


@pytest.fixture(scope="session", autouse=True)
def _logging() -> None:
    """Log the figures."""
    log_measurements()


@pytest.fixture(scope="session", autouse=True)
def _fast_java_start() -> Iterator[None]:
    """Let the JVM compile for a quick start, which halves the time until the brokers are ready."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        yield


@pytest.fixture(scope="session")
def security(tmp_path_factory: pytest.TempPathFactory) -> Security:
    """Return certificates and a user that the cluster's listeners know."""
    return Security.create(tmp_path_factory.mktemp("security"))


@pytest.fixture(scope="session")
def network() -> Proxy:
    """Return the proxy in front of the cluster's listener PROXIED."""
    return Proxy()


@pytest.fixture(scope="session")
def cluster(security: Security, network: Proxy) -> Iterator[Cluster]:
    """Start one broker for all tests; a test that kills it restarts it."""
    listeners = (*LISTENERS, *OAUTH_LISTENERS, Listener("PROXIED", "PLAINTEXT", network.port))
    with Cluster(properties=PROPERTIES, listeners=listeners, security=security) as running:
        network.target = int(running.servers("PROXIED").rpartition(":")[2])
        yield running


@pytest.fixture
def proxy(cluster: Cluster, network: Proxy) -> Iterator[Proxy]:  # noqa: ARG001 (the proxy forwards to it)
    """Return a working network; repair it after the test."""
    network.restore()
    yield network
    network.cut()
    network.restore()


def new_settings(cluster: Cluster) -> KafkaSettings:
    """Create three topics, replicated to every broker; return settings with their names."""
    names = {f"{kind}_topic": f"{kind}-{uuid.uuid4().hex[:8]}" for kind in ("input", "output", "dead_letter")}
    made = KafkaSettings(bootstrap_servers=cluster.bootstrap_servers, **names)  # type: ignore[arg-type]
    create_topics(made, list(names.values()), 3, len(cluster.brokers))
    return made


@pytest.fixture
def settings(cluster: Cluster) -> KafkaSettings:
    """Return settings with topics of the test."""
    return new_settings(cluster)


@pytest.fixture
def delivery() -> str:
    """Return the delivery mode of the workers; a test may override it with a parameter of this name."""
    return "at_least_once"


@pytest.fixture
def workers(settings: KafkaSettings, small_artifact: Path, tmp_path: Path, delivery: str) -> Iterator[Workers]:
    """Return the test's workers; kill them at the end."""
    with closing(Workers(settings, small_artifact, tmp_path, delivery)) as group:
        yield group


@pytest.fixture
def feed(settings: KafkaSettings) -> Feed:
    """Return the test's tweets."""
    return Feed(settings)


@pytest.fixture
def deployments(cluster: Cluster, small_artifact: Path, tmp_path: Path) -> Iterator[list[Deployment]]:
    """Return a deployment of each mode, so that a fault that takes long is injected once for both."""
    with ExitStack() as undo:
        made = []
        for delivery in ("at_least_once", "exactly_once"):
            (folder := tmp_path / delivery).mkdir()
            settings = new_settings(cluster)
            group = undo.enter_context(closing(Workers(settings, small_artifact, folder, delivery)))
            made.append(Deployment(settings, Feed(settings), group))
        yield made
