"""Python's garbage collector, kept away from what stays."""

import gc


def settle() -> None:
    """Have the collector pass over all there is now: a loaded artefact is half a million objects that never go.

    Each batch makes enough objects for the collector to look through all of them, every few batches, for nothing: a
    third of the time of a tweet that the baseline decides. What a replaced artefact left behind is collected before.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
