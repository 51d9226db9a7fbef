"""Base of the models on a frozen sentence encoder: a head on its vectors, trained or written in Keras."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from training.encoder.export import ENCODER_FOLDER
from training.models.base import Saved, Size
from training.models.cached_encoder import CachedEncoder
from training.models.onnx_head import head_to_onnx
from worker.models.onnx import OnnxModel
from worker.models.sentence_encoder.classifier import EncoderClassifier
from worker.models.tensorflow import KerasModel
from worker.models.use import OnnxHead
from worker.types import Floats


class Head:
    """Predicts with a trained head, and saves it. A subclass may name another kind of encoder, in another folder.

    Attributes:
        encoder: the sentence encoder.
        network: the head, a Keras model from a vector to P(disaster); set by `fit`.

    """

    kind: Literal["use", "encoder"] = "use"
    folder: str = ENCODER_FOLDER
    encoder: CachedEncoder
    network: KerasModel
    _compiled: tuple[KerasModel, OnnxHead] | None = None

    @property
    def size(self) -> Size:
        """Parameters of encoder and head; only the head's are trained."""
        return Size(self.encoder.parameters + self.network.count_params(), self.network.count_params())

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return probabilities of shape (n texts, 2)."""
        return EncoderClassifier(self.encoder, self.served_head).predict_proba(texts)

    @property
    def served_head(self) -> OnnxHead:
        """The head in ONNX: what is measured is what is served."""
        if self._compiled is None or self._compiled[0] is not self.network:  # compiling is slow: once a network
            self._compiled = self.network, OnnxHead(OnnxModel(head_to_onnx(self.network)))
        return self._compiled[1]

    def encoder_texts(self, texts: Sequence[str]) -> list[str]:
        """Return the texts as they are."""
        return list(texts)

    def save(self, folder: Path, name: str) -> Saved:
        """Write the head; the artifact already contains the encoder."""
        (folder / f"{name}.onnx").write_bytes(head_to_onnx(self.network))
        return Saved(self.kind, {"encoder": self.folder, "head": f"{name}.onnx"}, network=self.network)
