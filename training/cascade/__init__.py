"""Choose a cascade from out-of-fold predictions."""
