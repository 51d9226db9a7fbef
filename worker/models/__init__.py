"""Artifacts and the classifiers they hold."""

from worker.models.artifact import Artifact, load_artifact

__all__ = ["Artifact", "load_artifact"]
