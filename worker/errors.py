"""Exceptions of the project.

* CascadeError
  x UserError: something the user can fix; ends a command with exit code 2 and one clear line
    . SettingError: a setting or an argument is wrong
    . DataError: a file of tweets is wrong
    . ArtifactError: an artifact is missing, damaged or not of this version
    . BrokerError: the broker cannot be reached, lacks a topic, or refuses for a reason that the user can correct
  x SourceError: the broker refuses records or commits for good; ends the worker with exit code 1, as the next does
  x DeliveryError: records were not acknowledged; nothing was committed, so the same records are polled again
  x TooLargeError: a record to publish is larger than allowed; ends the worker with exit code 1, nothing committed
  x FencedError: another process has replaced this one; ends it with exit code 1
  x BatchAbortedError: a transaction was aborted; consumers see nothing of its batch, which is polled again
  x StageError: a stage's classifier failed on a batch; its cause is the classifier's own exception
  x RegistryError: the Schema Registry does not answer; ends the worker with exit code 1, the batch uncommitted
  x ClassifierError: the model fails on any text; ends the worker with exit code 1
  x CircuitBreakerError: too many records are bad; ends the worker with exit code 1, the last batch uncommitted
  x CommitError: a published batch could not be committed; its records may be polled again
"""


class CascadeError(Exception):
    """Base of all exceptions that this project raises itself."""


class UserError(CascadeError):
    """Something that the user can fix; the message says what is wrong, where, and what to do next."""


class SettingError(UserError):
    """A setting or an argument is wrong."""


class DataError(UserError):
    """A file of tweets is missing or wrong."""


class ArtifactError(UserError):
    """An artifact is missing, damaged, or of a version that this worker does not read."""


class BrokerError(UserError):
    """The broker cannot be reached, refuses, or lacks a topic."""


class SourceError(CascadeError):
    """The broker refuses records or commits for good."""


class DeliveryError(CascadeError):
    """The broker did not acknowledge every record of a batch; nothing was committed."""


class TooLargeError(CascadeError):
    """A record to publish is larger than the client or its topic allows; nothing was committed."""


class FencedError(CascadeError):
    """Another process has replaced this one while it was away."""


class BatchAbortedError(CascadeError):
    """A transaction was aborted; its batch must be polled again."""


class RegistryError(CascadeError):
    """The Schema Registry does not answer, or refuses; the batch is polled again after a restart."""


class StageError(CascadeError):
    """A stage's classifier failed on a batch; `__cause__` is the classifier's own exception.

    Args:
        stage: name of the stage.
        error: the classifier's own exception.

    """

    def __init__(self, stage: str, error: Exception) -> None:
        super().__init__(f"stage {stage!r} failed: {type(error).__name__}: {error}")
        self.stage, self.error = stage, error


class ClassifierError(CascadeError):
    """A model fails even on a known-good text, or memory is exhausted."""


class CircuitBreakerError(CascadeError):
    """Too many records are bad; stopping keeps the topic from being drained into the dead letters."""


class CommitError(CascadeError):
    """A published batch was not committed, most often because of a rebalance; its records may be polled again."""
