"""scikit-learn classifiers, read by skops."""

from pathlib import Path
from typing import cast

from worker.errors import ArtifactError
from worker.types import Classifier

_OURS = ["worker.models.char_ngrams.CharacterHashing"]


def load_sklearn(files: dict[str, Path]) -> Classifier:
    """Read the estimator in the file `model`.

    Raises:
        ArtifactError: it holds a type that skops does not trust, so that it could run code.

    """
    import skops.io

    untrusted = set(skops.io.get_untrusted_types(file=files["model"])) - set(_OURS)
    if untrusted:
        raise ArtifactError(f"{files['model']} holds types that are not trusted: {', '.join(sorted(untrusted))}")
    return cast(Classifier, skops.io.load(files["model"], trusted=_OURS))
