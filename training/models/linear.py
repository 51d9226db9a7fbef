"""A linear model on hashed n-grams of words and of characters: a fast stage that knows spellings, not meanings."""

from typing import Any

from training.models.base import Resources
from training.models.clean import CleanModel
from training.models.scikit import ScikitModel

_SLOTS = 2**18
_INVERSE_REGULARISATION = 3


def build_linear(_resources: Resources) -> CleanModel:
    """Return an untrained logistic regression on TF-IDF of one and two words, and of three to five characters.

    Features are hashed (Weinberger et al. 2009): no vocabulary to keep, and a third faster than looking words up.
    """
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline, make_union

    from worker.models.char_ngrams import CharacterHashing

    words = HashingVectorizer(ngram_range=(1, 2), n_features=_SLOTS, norm=None, alternate_sign=False)
    features = make_union(_weighted(words), _weighted(CharacterHashing(3, 5, _SLOTS)))
    # liblinear is exact and has no tolerance to tune; its seed is for a solver that is not used here.
    regression = LogisticRegression(C=_INVERSE_REGULARISATION, solver="liblinear")
    return CleanModel(ScikitModel(Pipeline([("features", features), ("clf", regression)]), ["coef_", "intercept_"]))


def _weighted(counts: Any) -> Any:  # noqa: ANN401 (scikit-learn has no types)
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.pipeline import make_pipeline

    return make_pipeline(counts, TfidfTransformer(sublinear_tf=True))
