"""Tests of worker/kafka/diagnosis."""
