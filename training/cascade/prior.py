"""The share of disasters in the stream, which may differ from that among the training tweets. Pure.

Where only that share differs, and not what disasters and other tweets look like, the log-odds of every tweet change by
the same amount (prior shift; Elkan 2001, "The foundations of cost-sensitive learning", theorem 2; Saerens, Latinne and
Decaestecker 2002).
"""

import numpy as np

from training.data.dataset import Targets
from worker.cascade.calibration import log_odds
from worker.types import Floats


def prior_shift(targets: Targets, prior: float | None) -> float:
    """Return what calibration for this share of disasters adds to the log-odds.

    Args:
        targets: 0 or 1, shape (n,); both occur.
        prior: the share of disasters in the stream, between 0 and 1; None: as among the targets.

    """
    if prior is None:
        return 0.0
    wanted, found = log_odds(np.array([prior, targets.mean()]))
    return float(wanted - found)


def prior_weights(targets: Targets, prior: float | None) -> Floats:
    """Return a weight for each tweet, shape (n,), with which this share of the targets are disasters; their mean is 1.

    Args:
        targets: 0 or 1, shape (n,); both occur.
        prior: the share of disasters in the stream, between 0 and 1; None: as among the targets.

    """
    if prior is None:
        return np.ones(len(targets))
    share = targets.mean()
    of_each = np.array([(1 - prior) / (1 - share), prior / share])
    return of_each[targets]
