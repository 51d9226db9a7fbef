"""TF-IDF and multinomial Naive Bayes: the course's model 0."""

from training.models.base import Resources
from training.models.scikit import ScikitModel


def build_baseline(_resources: Resources) -> ScikitModel:
    """Return an untrained `TfidfVectorizer` and `MultinomialNB` with scikit-learn's defaults, as in the notebook."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import Pipeline

    pipeline = Pipeline([("tfidf", TfidfVectorizer()), ("clf", MultinomialNB())])
    return ScikitModel(pipeline, ["idf_", "feature_log_prob_", "class_log_prior_"])
