"""Evaluation of an artifact on labelled tweets that it was not trained on."""
