"""Train, measure and compare all models."""
