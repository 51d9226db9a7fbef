"""Whether a cascade knows more than which class is the larger one. Pure."""

import numpy as np

from schemas import CLASSES, ClassNames
from training.cascade.decisions import Decisions


def majority_warning(decisions: Decisions, classes: ClassNames = CLASSES) -> str:
    """Return a warning where the accuracy is within a standard error of labelling all tweets as the larger class.

    Args:
        decisions: for the training tweets, cross-fitted.
        classes: names of the targets 0 and 1.

    """
    targets, labels = decisions.targets, (decisions.routing.probability >= 0.5).astype(np.int64)
    rarer = int(targets.mean() < 0.5)
    accuracy, constant = float((labels == targets).mean()), float((targets != rarer).mean())
    if accuracy > constant + np.sqrt(accuracy * (1 - accuracy) / len(targets)):
        return ""
    found, all_rarer = int(((labels == rarer) & (targets == rarer)).sum()), int((targets == rarer).sum())
    return (
        f"warning: the cascade gains nothing over the label {classes[1 - rarer]} for every tweet: {accuracy:.2%} are "
        f"right, {constant:.2%} would be; it finds {found:,} of {all_rarer:,} tweets labelled {classes[rarer]}; "
        "train on more of these"
    )
