"""Assembly of the worker's parts from its settings."""

import platform
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from importlib.metadata import version

from worker import kafka as connectors
from worker.formats.assembly import new_reader
from worker.models import onnx, tensorflow
from worker.models.gpu import provider
from worker.monitoring.shadow import ShadowEvaluator
from worker.overload.controller import OverloadController
from worker.settings import WorkerSettings, milliseconds
from worker.stream.active_cascade import ActiveCascade
from worker.stream.circuit_breaker import WINDOW, CircuitBreaker
from worker.stream.codec import decode
from worker.stream.commits import SameThread, commit_thread
from worker.stream.delivery import Delivery
from worker.stream.in_flight import DEPTH, InFlight
from worker.stream.processor import StreamProcessor
from worker.stream.telemetry import Telemetry
from worker.types import Device, Sink, Source


@contextmanager
def connections(settings: WorkerSettings) -> Iterator[tuple[Source, Sink]]:
    """Connect source and sink, one object under exactly once; leave the group and close the connections at the end."""
    if settings.delivery == "exactly_once":
        with closing(connectors.ExactlyOnceSession(settings)) as session:
            yield session, session
    else:
        with (
            closing(connectors.KafkaSink(settings, milliseconds(settings.delivery_timeout))) as sink,
            closing(connectors.KafkaSource(settings)) as source,
        ):
            yield source, sink


def new_processor(
    settings: WorkerSettings,
    source: Source,
    sink: Sink,
    cascade: ActiveCascade,
    telemetry: Telemetry,
    in_flight: InFlight,
) -> StreamProcessor:
    """Return the main loop on a source and a sink."""
    return StreamProcessor(
        source,
        new_delivery(settings, source, sink, telemetry),
        cascade,
        telemetry,
        new_controller(settings),
        ShadowEvaluator(settings.audit_share, adapts=settings.on_drift == "adapt"),
        in_flight,
    )


def new_in_flight(settings: WorkerSettings) -> InFlight:
    """Return the holder of the batches in flight, with the decoder of the settings' format.

    Raises:
        SettingError: an expression is not JMESPath, or the Schema Registry cannot be used.

    """
    # A transaction holds one batch: an aborted one is polled again before the next.
    depth = 1 if settings.delivery == "exactly_once" else DEPTH
    return InFlight(depth, partial(decode, reader=new_reader(settings)))


def new_delivery(settings: WorkerSettings, source: Source, sink: Sink, telemetry: Telemetry) -> Delivery:
    """Return the delivery to a sink, with its circuit breaker."""
    breaker = CircuitBreaker(settings.max_bad_share, WINDOW, settings.max_bad_run)
    topics = {"output_topic": settings.output_topic, "dead_letter_topic": settings.dead_letter_topic}
    # Under exactly once a commit ends the batch's transaction, before the next one begins.
    commits = SameThread() if settings.delivery == "exactly_once" else commit_thread()
    return Delivery(source, sink, breaker, telemetry, **topics, commits=commits)


def new_controller(settings: WorkerSettings) -> OverloadController:
    """Return the overload controller, for the settings' latency objective."""
    objective = settings.latency_objective.total_seconds()
    return OverloadController(
        objective,
        settings.batch_size,
        sheds=settings.on_overload == "shed",
        transaction_s=settings.transaction_timeout.total_seconds(),
    )


def devices() -> set[Device]:
    """Return the devices that the models compute on."""
    return {*onnx.devices(), *provider.devices(), *tensorflow.devices()}


def versions() -> dict[str, str]:
    """Return the versions of the worker, Python, ONNX Runtime and kafka-python, for the metrics."""
    return {
        "version": version("tweet-cascade"),
        "python": platform.python_version(),
        "onnxruntime": onnx.version(),
        "kafka_python": version("kafka-python"),
    }
