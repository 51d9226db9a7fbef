"""A test's topics: write the input, read the labels and dead letters."""

import time
from contextlib import closing

from schemas import DeadLetter, Label
from tests.integration.waiting import PATIENCE
from worker.kafka import KafkaReader, KafkaSink
from worker.settings import KafkaSettings
from worker.types import Message, Record


def produce(settings: KafkaSettings, messages: list[tuple[bytes | None, bytes]]) -> None:
    """Publish keys and values to the input topic."""
    with closing(KafkaSink(settings)) as sink:
        sink.publish([Message(settings.input_topic, key, value) for key, value in messages])


class Outputs:
    """Reads the labels and dead letters of a worker, from the beginning and outside of its group."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._reader = KafkaReader(settings, [settings.output_topic, settings.dead_letter_topic], from_beginning=True)
        self.records: list[Record] = []

    def wait_for(self, count: int) -> None:
        """Read until there are this many records in all; fail after `PATIENCE` seconds."""
        deadline = time.monotonic() + PATIENCE
        while len(self.records) < count:
            self.records.extend(self._reader.poll())
            assert time.monotonic() < deadline, f"{len(self.records)} of {count} records were published"

    def read_rest(self) -> None:
        """Read on for four polls, which would show a second label for a tweet."""
        for _ in range(4):
            self.records.extend(self._reader.poll())

    @property
    def labelled(self) -> list[tuple[Record, Label]]:
        """The labels, with their records."""
        of_output = [r for r in self.records if r.topic == self._settings.output_topic]
        return [(r, Label.model_validate_json(r.value or b"")) for r in of_output]

    @property
    def labels(self) -> list[Label]:
        """The labels."""
        return [label for _, label in self.labelled]

    @property
    def dead_letters(self) -> list[tuple[Record, DeadLetter]]:
        """The dead letters, with their records."""
        dead = [r for r in self.records if r.topic == self._settings.dead_letter_topic]
        return [(r, DeadLetter.from_headers((k, v or b"") for k, v in r.headers)) for r in dead]

    def close(self) -> None:
        """Close the connection."""
        self._reader.close()
