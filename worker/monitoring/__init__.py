"""Health, drift and shadow evaluation."""
