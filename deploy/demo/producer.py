"""Producer of the demo."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice

from deploy.demo.stream import Stream
from worker.kafka import KafkaSink
from worker.settings import KafkaSettings

_CHUNK = 200
_DELIVERY_TIMEOUT_MS = 20_000


@dataclass
class Producer:
    """Publishes the stream on a thread, while the main thread watches."""

    settings: KafkaSettings
    stream: Stream
    stop: threading.Event = field(default_factory=threading.Event)
    error: Exception | None = None

    def run(self) -> None:
        """Publish the whole stream; keep an error for the main thread."""
        try:
            with closing(KafkaSink(self.settings, delivery_timeout_ms=_DELIVERY_TIMEOUT_MS)) as sink:
                messages = self.stream.messages(self.settings.input_topic)
                while not self.stop.is_set() and (chunk := list(islice(messages, _CHUNK))):
                    sink.publish(chunk)
        except Exception as error:
            self.error = error


@contextmanager
def producing(settings: KafkaSettings, stream: Stream) -> Iterator[Producer]:
    """Publish the stream during a `with` block; at its end stop and join the thread."""
    producer = Producer(settings, stream)
    thread = threading.Thread(target=producer.run, name="producer")
    thread.start()
    try:
        yield producer
    finally:
        producer.stop.set()
        thread.join()
