"""Floating-point operations."""

import pytest

from benchmarks.encoders.peak_flops import use_flop


def test_the_operations_of_a_text_are_counted() -> None:
    """24 pieces need 24 x 3.41 MFLOP of projections and convolutions, and 3.3 for the text's own network."""
    assert use_flop(24) == pytest.approx(24 * 3.408e6 + 3.28e6, rel=0.01)
