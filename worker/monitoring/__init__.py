"""Health checks, drift and shadow evaluation."""
