"""Train and compare all models."""
