"""Registry of the models by name. To add a model, write a builder and register it here."""

from collections.abc import Callable
from functools import partial

from training.models.base import Resources, Size, TrainableClassifier
from training.models.baseline import build_baseline
from training.models.linear import build_linear
from training.models.sentence_encoder import build_on_ten_percent, build_sentence_encoder
from training.models.text_network import ARCHITECTURES, build_text_network
from training.models.use_pieces import build_use_pieces
from training.models.use_svm import build_use_svm
from training.sentence_encoder.encoder_svm import build_encoder_svm

REGISTRY: dict[str, Callable[[Resources], TrainableClassifier]] = {
    "baseline": build_baseline,
    **{name: partial(build_text_network, name) for name in ARCHITECTURES},
    "tf_hub_sentence_encoder": build_sentence_encoder,
    "tf_hub_10_percent_data": build_on_ten_percent,
    "linear": build_linear,
    "use_pieces": build_use_pieces,
    "use_svm": build_use_svm,
    "encoder_svm": build_encoder_svm,
}
ON_OTHER_ENCODER = frozenset({"encoder_svm"})
"""Models on the sentence encoder that the user gives."""

__all__ = ["ON_OTHER_ENCODER", "REGISTRY", "Resources", "Size", "TrainableClassifier"]
