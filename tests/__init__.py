"""Tests, in the packages' order."""
