"""Training of a piece network."""

import numpy as np

from tests.training.models.fakes import RecordingEncoder
from training.models.use_pieces.training import pieces_seen


def test_a_piece_is_seen_in_three_texts() -> None:
    """A word that one tweet repeats, or two tweets have, has taught the network next to nothing."""
    pieces = RecordingEncoder()
    seen = pieces_seen(pieces, ["fire fire fire", "flood here", "flood there", "storm", "storm", "storm"])
    ids, _ = pieces.tokenize(["fire flood storm"])
    assert seen[ids].tolist() == [0, 0, 1]
    assert seen.shape == (pieces.vocabulary_size,)
    assert np.unique(ids).size == 3
