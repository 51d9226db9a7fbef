"""`run`: the worker."""

import logging
import os
import platform
import signal
from argparse import Namespace
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from worker.cli import app
from worker.models.settling import settle
from worker.monitoring.health import Health
from worker.monitoring.shadow import Auditor
from worker.overload.controller import Pacer
from worker.settings import WorkerSettings, milliseconds
from worker.settings_cli import add_flags, read_settings, secrets_of
from worker.stream.circuit_breaker import WINDOW, Breaker
from worker.stream.supervision import Supervision
from worker.types import Sink, Source

if TYPE_CHECKING:
    from worker.metrics import WorkerMetrics
    from worker.models import Artifact
    from worker.stream.processor import Worker

log = logging.getLogger(__name__)

_DESCRIPTION = """\
Consumes tweets from a topic, labels them with the cascade of an artifact, publishes the labels, and publishes records
that cannot be labelled to the dead-letter topic. Offsets are committed after the broker has acknowledged the whole
batch: at least once. With --delivery exactly_once they are committed in one transaction with the labels.

SIGTERM or Ctrl-C stops the worker after it has committed the batches in flight; the exit code is 0. SIGHUP reloads the
artifact from its folder and switches to it between two batches; if it is invalid, the worker logs the reason and keeps
the current one. Too many bad records stop the worker with exit code 1; the batch that trips the breaker is neither
published nor committed. A wrong setting, a damaged artifact, an unreachable broker or a missing topic stops it with
exit code 2 before it joins the group."""


def add_parser(commands: app.Subcommands) -> None:
    """Add the command."""
    parser = app.add_command(
        commands,
        "run",
        command,
        help="label tweets until stopped",
        usage="%(prog)s [SETTINGS]",
        description=_DESCRIPTION,
    )
    add_flags(parser, WorkerSettings)


def command(arguments: Namespace) -> int:
    """Check the settings, the topics and the artifact; then join the group and label tweets until a signal."""
    settings = read_settings(WorkerSettings, arguments)
    app.configure_logging(settings.log_level, settings.log_format, secrets_of(settings))
    # Nothing is in flight before the loop runs. Not sys.exit: kafka-python swallows it in a task, and waits for ever.
    with app.on_signals(lambda _number: os._exit(0), signal.SIGTERM):
        _serve(settings)
    log.info("stopped after committing the batches in flight")
    return 0


def _serve(settings: WorkerSettings) -> None:
    from worker import metrics
    from worker.models.reload import Renewal
    from worker.models.tensorflow import devices
    from worker.models.traced import retraces

    registry = metrics.new_registry()
    shown = metrics.labelled(registry, {"group": settings.group_id, "topic": settings.input_topic})
    health = Health(settings.liveness_deadline.total_seconds())
    breaker = Breaker(settings.max_bad_share, WINDOW, settings.max_bad_run)
    renewal = Renewal(settings.artifact, settings.artifact_watch.total_seconds())
    checks = {"/livez": health.why_not_live, "/readyz": health.why_not_ready}
    with (
        app.on_signals(lambda _number: renewal.request(), signal.SIGHUP),
        metrics.serving(shown, checks, settings.metrics_host, settings.metrics_port) as port,
    ):
        artifact = _prepare(settings, health)
        log.info("/metrics, /livez and /readyz on http://%s:%d", settings.metrics_host, port)
        gauges = metrics.WorkerMetrics(registry, artifact.cascade, _versions(), devices, retraces)
        with renewal.watching(artifact.cascade.version, gauges.reloaded):
            _work(
                settings,
                artifact,
                gauges,
                Supervision(health, breaker, Auditor(settings.audit_share), _pacer(settings), renewal.successor),
            )


def _pacer(settings: WorkerSettings) -> Pacer:
    objective = settings.latency_objective.total_seconds()
    return Pacer(objective, settings.batch_size, sheds=settings.on_overload == "shed")


def _prepare(settings: WorkerSettings, health: Health) -> "Artifact":
    """Check the topics and load the artifact, before the worker joins the group."""
    from worker import kafka as connectors
    from worker.models import load_artifact

    health.step("checking the topics")
    connectors.require_topics(settings, [settings.input_topic, settings.output_topic, settings.dead_letter_topic])
    health.step("loading the artifact")
    artifact = load_artifact(settings.artifact)
    settle()
    health.loaded()
    log.info("loaded artifact %s from %s", artifact.manifest.model_version, settings.artifact)
    return artifact


def _work(settings: WorkerSettings, artifact: "Artifact", gauges: "WorkerMetrics", supervision: Supervision) -> None:
    from worker.stream.delivery import Delivery
    from worker.stream.in_flight import DEPTH
    from worker.stream.processor import Worker

    supervision.health.step("connecting")
    with connections(settings) as (source, sink):
        delivery = Delivery(
            source, sink, gauges, supervision,
            output_topic=settings.output_topic, dead_letter_topic=settings.dead_letter_topic,
        )  # fmt: skip
        worker = Worker(
            source, delivery, artifact.cascade, gauges, supervision,
            # A transaction holds one batch: an aborted one is polled again before the next.
            depth=1 if settings.delivery == "exactly_once" else DEPTH,
        )  # fmt: skip
        log.info("reading %s as group %s", settings.input_topic, settings.group_id)
        with _stopped_by_signals(worker):
            worker.run()


@contextmanager
def connections(settings: WorkerSettings) -> Iterator[tuple[Source, Sink]]:
    """Connect source and sink, one object under exactly once; leave the group and close the connections at the end."""
    from worker import kafka as connectors

    if settings.delivery == "exactly_once":
        with closing(connectors.ExactlyOnceSession(settings)) as session:
            yield session, session
    else:
        with (
            closing(connectors.KafkaSink(settings, milliseconds(settings.delivery_timeout))) as sink,
            closing(connectors.KafkaSource(settings)) as source,
        ):
            yield source, sink


def _versions() -> dict[str, str]:
    return {
        "version": version("tweet-cascade"),
        "python": platform.python_version(),
        "tensorflow": version("tensorflow"),
        "kafka_python": version("kafka-python"),
    }


def _stopped_by_signals(worker: "Worker") -> AbstractContextManager[None]:
    """Stop the worker at the first signal; a second one ends the process at once, as is the default."""

    def stop(number: int) -> None:
        signal.signal(number, signal.SIG_DFL)
        worker.stop()

    return app.on_signals(stop, signal.SIGTERM, signal.SIGINT)
