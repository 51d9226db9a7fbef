"""The course's notebook with Kafka: one `model.predict` a tweet, on a Keras model of strings with USE inside.

Batches are polled, sent and committed as in `echo`; only the call of the model differs from the worker's.
"""

import json

from benchmarks.peers.contract import label, now, read_task
from benchmarks.peers.echo import new_consumer, new_producer
from schemas import StageSpec
from training.encoder.saved_model import build_saved_model
from worker.errors import SettingError
from worker.models.artifact import read_manifest
from worker.models.onnx import OnnxModel, load_onnx
from worker.models.tensorflow import KerasModel, Tensor, keras, tensorflow
from worker.models.text_cleaning import clean
from worker.types import Prediction

_BATCH = 16  # small, so that the output is steady


def main() -> None:
    """Label until stopped."""
    task = read_task()
    manifest = read_manifest(task.artifact)
    stage = last_use_stage(manifest.stages)
    model = new_model(load_onnx(task.artifact / stage.files["head"]))
    consumer, producer = new_consumer(task), new_producer(task)
    with task.until_stopped():
        while not task.stopped:
            polled = consumer.poll(timeout_ms=500, max_records=_BATCH)
            for record in (r for records in polled.values() for r in records):
                tweet = json.loads(record.value)
                text = clean(tweet["text"]) if stage.text == "clean" else tweet["text"]
                value = label(
                    tweet["id"], predict(model, text, stage.name), manifest.model_version, record.timestamp, now()
                )
                producer.send(task.target, json.dumps(value).encode(), record.key)
            producer.flush()
            consumer.commit()
    consumer.close(autocommit=False)
    producer.close(timeout=5)


def last_use_stage(stages: list[StageSpec]) -> StageSpec:
    """Return the last stage on USE.

    Raises:
        SettingError: there is none.

    """
    for stage in reversed(stages):
        if stage.kind == "use":
            return stage
    raise SettingError("the peer notebook needs a stage on USE, and the artifact has none")


def new_model(head: OnnxModel) -> KerasModel:
    """Return a Keras model from a string to the probability of a disaster: a hub layer and a head, as in the course."""
    kr, tf, loaded = keras(), tensorflow(), build_saved_model()

    class HubLayer(kr.layers.Layer):  # type: ignore[misc, name-defined] # tensorflow_hub's layer needs Keras 2
        def call(self, texts: Tensor) -> Tensor:
            return loaded(texts)

        def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, int]:
            return (shape[0], 512)

    class Head(kr.layers.Layer):  # type: ignore[misc, name-defined]
        """The artifact's head, which ONNX Runtime computes."""

        def call(self, vectors: Tensor) -> Tensor:
            return tf.ensure_shape(tf.numpy_function(lambda x: head({"vectors": x}), [vectors], tf.float32), (None, 1))

        def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, int]:
            return (shape[0], 1)

    texts = kr.Input(shape=(), dtype="string")
    return kr.Model(texts, Head()(HubLayer()(texts)))


def predict(model: KerasModel, text: str, stage: str) -> Prediction:
    """Classify one tweet."""
    p = float(model.predict(tensorflow().constant([text]), verbose=0)[0][0])
    return Prediction(int(p >= 0.5), p, stage)


if __name__ == "__main__":
    main()
