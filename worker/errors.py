"""Exceptions of the project.

* CascadeError
  x UserError: what the user can mend; ends a command with exit code 2 and one clear line
    . SettingError: a setting or an argument is wrong
    . DataError: a file of tweets is wrong
    . ArtifactError: an artefact is missing, damaged or not of this version
    . BrokerError: the broker cannot be reached or lacks a topic
  x SourceError: the broker refuses records or commits for good; ends the worker with exit code 1, as the next does
  x DeliveryError: records were not acknowledged; nothing was committed, so the same records come again
  x TooLargeError: a record to publish is larger than may be; ends the worker with exit code 1, nothing committed
  x FencedError: others have taken this process's place while it was away; ends it with exit code 1
  x BatchAbortedError: a transaction was aborted; nothing of its batch is seen, and the batch comes again
  x ClassifierError: the model fails, whatever the text; ends the worker with exit code 1
  x BreakerError: too many records are bad; ends the worker with exit code 1, the last batch uncommitted
  x CommitError: a batch that was published could not be committed; its records may come again
"""


class CascadeError(Exception):
    """Base of all that this project raises itself."""


class UserError(CascadeError):
    """Something that the user can mend; the message says what is wrong, where, and what to do next."""


class SettingError(UserError):
    """A setting or an argument is wrong."""


class DataError(UserError):
    """A file of tweets is missing or wrong."""


class ArtifactError(UserError):
    """An artefact is missing, damaged, or not of a version this worker reads."""


class BrokerError(UserError):
    """The broker cannot be reached, refuses, or lacks a topic."""


class SourceError(CascadeError):
    """The broker refuses to give records or to take commits, for good."""


class DeliveryError(CascadeError):
    """The broker did not acknowledge every record of a batch; nothing was committed."""


class TooLargeError(CascadeError):
    """A record to publish is larger than the client or its topic lets through; nothing was committed."""


class FencedError(CascadeError):
    """Others have taken this process's place while it was away."""


class BatchAbortedError(CascadeError):
    """A transaction was aborted: its batch is to be polled again."""


class ClassifierError(CascadeError):
    """A model fails on texts that are not to blame, or memory is exhausted."""


class BreakerError(CascadeError):
    """Too many records are bad: the topic is not to be emptied into the dead letters."""


class CommitError(CascadeError):
    """A batch was published and not committed, for a rebalance most often: its records may come again."""
