"""The course's notebook in front of Kafka: one `model.predict` a tweet, of a Keras model of strings with USE inside.

Batches are polled, sent and committed as in `echo`: what differs from the worker is the model's call.
"""

import json
from pathlib import Path
from typing import Any

from benchmarks.peers.contract import label, now, read_task
from benchmarks.peers.echo import new_consumer, new_producer
from schemas import StageSpec
from worker.errors import SettingError
from worker.models.artifact import read_manifest
from worker.models.tensorflow import hub, keras, tensorflow
from worker.models.text_cleaning import clean
from worker.types import Prediction

_BATCH = 16  # a few, so that what comes out comes steadily


def main() -> None:
    """Label until stopped."""
    task = read_task()
    manifest = read_manifest(task.artifact)
    stage = strong_stage(manifest.stages)
    model = new_model(task.artifact / stage.files["encoder"], task.artifact / stage.files["head"])
    consumer, producer = new_consumer(task), new_producer(task)
    with task.until_stopped():
        while not task.stopped:
            polled = consumer.poll(timeout_ms=500, max_records=_BATCH)
            for record in (r for records in polled.values() for r in records):
                tweet = json.loads(record.value)
                said = predict(model, clean(tweet["text"]) if stage.text == "clean" else tweet["text"], stage.name)
                value = label(tweet["id"], said, manifest.model_version, record.timestamp, now())
                producer.send(task.target, json.dumps(value).encode(), record.key)
            producer.flush()
            consumer.commit()
    consumer.close(autocommit=False)
    producer.close(timeout=5)


def strong_stage(stages: list[StageSpec]) -> StageSpec:
    """Return the stage on USE; raises `SettingError` where there is none."""
    for stage in reversed(stages):
        if stage.kind == "use":
            return stage
    raise SettingError("the notebook's way is a Keras model on USE, and the artefact has no such stage")


def new_model(encoder: Path, head: Path) -> Any:  # noqa: ANN401 (Keras has no types)
    """Return a Keras model from a string to the probability of a disaster, as the course's: a hub layer and a head."""
    kr, loaded = keras(), hub().load(str(encoder))

    class HubLayer(kr.layers.Layer):  # type: ignore[misc, name-defined] # tensorflow_hub's own is of Keras 2
        def call(self, texts: Any) -> Any:  # noqa: ANN401
            return loaded(texts)

        def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, int]:
            return (shape[0], 512)

    texts = kr.Input(shape=(), dtype="string")
    return kr.Model(texts, kr.models.load_model(head, compile=False)(HubLayer()(texts)))


def predict(model: Any, text: str, stage: str) -> Prediction:  # noqa: ANN401 (Keras has no types)
    """Ask the model about one tweet."""
    p = float(model.predict(tensorflow().constant([text]), verbose=0)[0][0])
    return Prediction(int(p >= 0.5), p, stage)


if __name__ == "__main__":
    main()
