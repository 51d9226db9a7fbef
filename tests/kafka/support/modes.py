"""Variants of the scenarios."""

import os

import pytest

LONG = bool(os.environ.get("KAFKA_LONG"))
"""Whether to run the long form of each scenario."""

both_modes = pytest.mark.parametrize("delivery", ["at_least_once", "exactly_once"])
