"""The models, by name. To add one: a file with a builder, and a line here."""

from collections.abc import Callable

from training.models.base import Resources, TrainableClassifier
from training.models.baseline import build_baseline
from training.models.sentence_encoder import build_sentence_encoder

REGISTRY: dict[str, Callable[[Resources], TrainableClassifier]] = {
    "baseline": build_baseline,
    "tf_hub_sentence_encoder": build_sentence_encoder,
}

__all__ = ["REGISTRY", "Resources", "TrainableClassifier"]
