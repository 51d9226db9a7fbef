"""`run`: the service."""

import logging
import os
import platform
import signal
from argparse import Namespace
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

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
Reads tweets from a topic, labels them with the cascade of an artefact, publishes the labels, and sends what cannot
be labelled to the dead-letter topic. Offsets are committed only when all of a batch is acknowledged, at least once;
with --delivery exactly_once, in one transaction with the labels.

SIGTERM or Ctrl-C ends it with exit code 0 once the batch in hand is committed. SIGHUP has it load a new artefact from
the same folder and take that over between two batches; a bad one is told, and the old one goes on. Too many bad
records end it with exit code 1, the batch that tips the scales left undone. A wrong setting, a damaged artefact,
an unreachable broker or a missing topic end it with exit code 2 before it joins the group."""


def add_parser(commands: Any) -> None:  # noqa: ANN401 (argparse keeps the type to itself)
    """Declare the command."""
    parser = commands.add_parser(
        "run",
        help="label tweets until stopped",
        usage="%(prog)s [SETTINGS]",
        description=_DESCRIPTION,
        formatter_class=app.HelpFormatter,
    )
    add_flags(parser, WorkerSettings)
    parser.set_defaults(command=command)


def command(arguments: Namespace) -> int:
    """Check everything, then join the group and work until a signal."""
    settings = read_settings(WorkerSettings, arguments)
    app.configure_logging(settings.log_level, settings.log_format, secrets_of(settings))
    # Before there is a worker nothing is in hand. Not sys.exit: kafka-python swallows it in a task, and waits for ever.
    with app.on_signals(lambda _number: os._exit(0), signal.SIGTERM):
        _serve(settings)
    log.info("stopped after the batch in hand")
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
    """Check what a worker needs before it joins the group, and load the artefact."""
    from worker import kafka as connectors
    from worker.models import load_artifact

    health.step("looking for the topics")
    connectors.require_topics(settings, [settings.input_topic, settings.output_topic, settings.dead_letter_topic])
    health.step("loading the artefact")
    artifact = load_artifact(settings.artifact)
    settle()
    health.loaded()
    log.info("artefact %s is loaded from %s", artifact.manifest.model_version, settings.artifact)
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
            # A transaction holds one batch, and one that is aborted has to be polled again.
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
    """Stop the worker at the first signal; a second one ends the process at once, as it would any other."""

    def stop(number: int) -> None:
        signal.signal(number, signal.SIG_DFL)
        worker.stop()

    return app.on_signals(stop, signal.SIGTERM, signal.SIGINT)
