"""scikit-learn's pipelines as models."""

import numpy as np
import pytest

from tests.training.models.fakes import RecordingEncoder
from training.models.base import Resources
from training.models.baseline import build_baseline
from training.models.cached_encoder import CachedEncoder
from worker.errors import DataError


def test_tweets_without_words_are_reported() -> None:
    """A file of emoji only ends in one line that shows what the tweets look like, not in scikit-learn's traceback."""
    model = build_baseline(Resources(CachedEncoder(RecordingEncoder()), 1))
    with pytest.raises(DataError, match="none of 3 training tweets has a word .*'🌋🌋'.* train on tweets with words"):
        model.fit(["🌋🌋", "🔥", "!"], np.array([1, 1, 0]))


def test_other_errors_of_training_are_not_the_users() -> None:
    """An exception that is a bug keeps its traceback."""
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        build_baseline(Resources(CachedEncoder(RecordingEncoder()), 1)).fit(["fire", "rain"], np.array([1, 1, 0]))
