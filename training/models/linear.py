"""Linear model on hashed n-grams of words and characters: a fast stage."""

from training.models.base import Resources
from training.models.clean import CleanModel
from training.models.scikit import Estimator, ScikitModel

_SLOTS = 2**18
_INVERSE_REGULARIZATION = 3


def build_linear(_resources: Resources) -> CleanModel:
    """Return an untrained logistic regression on TF-IDF of n-grams of 1 to 2 words and 3 to 5 characters.

    Features are hashed (Weinberger et al. 2009): this needs no vocabulary and is a third faster than looking words up.
    """
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline, make_union

    from worker.models.char_ngrams import CharacterHashing

    words = HashingVectorizer(ngram_range=(1, 2), n_features=_SLOTS, norm=None, alternate_sign=False)
    features = make_union(_weighted(words), _weighted(CharacterHashing(3, 5, _SLOTS)))
    # liblinear is exact and has no tolerance to tune; its seed only matters for the dual solver, not used here.
    regression = LogisticRegression(C=_INVERSE_REGULARIZATION, solver="liblinear")
    return CleanModel(ScikitModel(Pipeline([("features", features), ("clf", regression)]), ["coef_", "intercept_"]))


def _weighted(counts: Estimator) -> Estimator:
    """Return the counts followed by TF-IDF weighting."""
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.pipeline import make_pipeline

    return make_pipeline(counts, TfidfTransformer(sublinear_tf=True))
