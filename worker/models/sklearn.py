"""Reader of scikit-learn classifiers, by skops."""

from pathlib import Path
from typing import cast

from worker.errors import ArtifactError
from worker.types import Classifier

_TRUSTED = ["worker.models.char_ngrams.CharacterHashing"]  # beside the types that skops trusts itself


def load_sklearn(files: dict[str, Path]) -> Classifier:
    """Read the estimator in the file `model`.

    Raises:
        ArtifactError: the file holds a type that is not trusted, so that it could run code.

    """
    import skops.io

    untrusted = set(skops.io.get_untrusted_types(file=files["model"])) - set(_TRUSTED)
    if untrusted:
        raise ArtifactError(f"{files['model']} holds types that are not trusted: {', '.join(sorted(untrusted))}")
    return cast(Classifier, skops.io.load(files["model"], trusted=_TRUSTED))
