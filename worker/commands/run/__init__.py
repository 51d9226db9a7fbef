"""`run`: the worker."""

import logging
import os
import signal
from argparse import Namespace
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from worker.cli import app
from worker.cli.interruption import end_by_signal, on_signals
from worker.logs.setup import configure_logging
from worker.monitoring.health import Health
from worker.settings import WorkerSettings
from worker.settings_cli import add_flags, read_settings, secrets_of

if TYPE_CHECKING:
    from worker.models import Artifact
    from worker.stream.active_cascade import ActiveCascade
    from worker.stream.in_flight import InFlight
    from worker.stream.processor import StreamProcessor
    from worker.stream.telemetry import Telemetry

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
    configure_logging(settings.log_level, settings.log_format, secrets_of(settings))
    # Nothing is in flight before the loop runs. Not sys.exit: kafka-python swallows it in a task, and waits for ever.
    with (
        on_signals(lambda _number: os._exit(0), signal.SIGTERM),
        on_signals(lambda _number: None, signal.SIGHUP),  # the artifact will be read anyway
    ):
        _serve(settings)
    log.info("stopped after committing the batches in flight")
    return 0


def _serve(settings: WorkerSettings) -> None:
    """Serve metrics and health, load the artifact, and label tweets until a signal."""
    from worker import metrics
    from worker.commands.run.assembly import devices, new_in_flight, versions
    from worker.models.encoder.traced import retraces
    from worker.models.reload import ArtifactReloader
    from worker.stream.active_cascade import ActiveCascade
    from worker.stream.telemetry import Telemetry

    in_flight = new_in_flight(settings)
    registry = metrics.new_registry()
    shown = metrics.labelled(registry, {"group": settings.group_id, "topic": settings.input_topic})
    health = Health(settings.liveness_deadline.total_seconds())
    reloader = ArtifactReloader(
        settings.artifact, settings.artifact_watch.total_seconds(), settings.engine, settings.device
    )
    checks = {"/livez": health.liveness_problems, "/readyz": health.readiness_problems}
    with (
        on_signals(lambda _number: reloader.request(), signal.SIGHUP),
        metrics.serving(shown, checks, settings.metrics_host, settings.metrics_port, health.notes) as port,
    ):
        cascade = _prepare(settings, health).cascade
        log.info("/metrics, /livez and /readyz on http://%s:%d", settings.metrics_host, port)
        gauges = metrics.WorkerMetrics(registry, cascade, versions(), devices, retraces, settings.input_topics)
        with reloader.watching(cascade.version, gauges.reloaded):
            health.begin("connecting")
            _process(settings, in_flight, ActiveCascade(cascade, reloader.successor), Telemetry(gauges, health))


def _prepare(settings: WorkerSettings, health: Health) -> "Artifact":
    """Check the topics and load the artifact, before the worker joins the group."""
    from worker import kafka as connectors
    from worker.models import load_artifact
    from worker.models.reload import freeze_loaded_objects

    health.begin("checking the topics")
    connectors.require_topics(settings, settings.input_topics, [settings.output_topic, settings.dead_letter_topic])
    health.begin("loading the artifact")
    artifact = load_artifact(settings.artifact, settings.engine, settings.device)
    freeze_loaded_objects()
    health.loaded()
    log.info("loaded artifact %s from %s", artifact.manifest.model_version, settings.artifact)
    return artifact


def _process(settings: WorkerSettings, in_flight: "InFlight", cascade: "ActiveCascade", telemetry: "Telemetry") -> None:
    """Connect, and label batches until a signal."""
    from worker.commands.run.assembly import connections, new_processor

    with connections(settings) as (source, sink):
        processor = new_processor(settings, source, sink, cascade, telemetry, in_flight)
        log.info("reading %s as group %s", ", ".join(settings.input_topics), settings.group_id)
        with _stopped_by_signals(processor):
            processor.run()


def _stopped_by_signals(processor: "StreamProcessor") -> AbstractContextManager[None]:
    """Stop the processor at the first signal; a second one ends the process at once, as is the default."""

    def stop(number: int) -> None:
        signal.signal(number, end_by_signal)
        processor.stop()

    return on_signals(stop, signal.SIGTERM, signal.SIGINT)
