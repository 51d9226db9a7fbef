"""A least-squares support vector machine on a sentence encoder that the user gives."""

from collections.abc import Sequence

from training.models.base import Resources
from training.models.cached_encoder import CachedReader
from training.models.clean import CleanReadingModel
from training.models.use_svm import Svm
from training.sentence_encoder.export import OTHER_FOLDER
from worker.errors import SettingError
from worker.models.sentence_encoder.classifier import ReadingClassifier
from worker.types import Bools, Floats


def build_encoder_svm(resources: Resources) -> CleanReadingModel:
    """Return an untrained machine on the user's encoder.

    Raises:
        SettingError: there is none.

    """
    if resources.other_encoder is None:
        raise SettingError("encoder_svm needs a sentence encoder: python -m training fit --encoder DIR")
    machine = EncoderSvm(resources.other_encoder)
    return CleanReadingModel(machine, machine)


class EncoderSvm(Svm):
    """The machine, which says which texts its encoder can read."""

    kind, folder = "encoder", OTHER_FOLDER

    def __init__(self, encoder: CachedReader) -> None:
        super().__init__(encoder)
        self._reader = encoder

    def predict_readable(self, texts: Sequence[str], /) -> tuple[Floats, Bools]:
        """Return probabilities, and whether each text can be read."""
        return ReadingClassifier(self._reader, self.served_head).predict_readable(texts)
