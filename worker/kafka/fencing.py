"""Whether a consumer group has gone on without one of its members: what tells a zombie from a worker that was slow.

The broker aborts a transaction that is open for too long, and refuses what its producer asks for from then on with the
very error that a second process of the same transactional id would cause. No two workers have the same one here, so the
error only says that too much time passed. So does another one: the broker forgets an id that was not used for a week
(its transactional.id.expiration.ms). The group says whether somebody else has this worker's partitions meanwhile.
"""

import time
from collections.abc import Mapping
from typing import Any

from kafka.errors import (
    CommitFailedError,
    InvalidProducerEpochError,
    InvalidProducerIdMappingError,
    ProducerFencedError,
)

from worker.errors import BrokerError
from worker.kafka.admin import administering
from worker.settings import WorkerSettings

_FENCED = (ProducerFencedError, InvalidProducerEpochError, InvalidProducerIdMappingError)
_PAUSE_S = 0.2  # while the group's coordinator moves or loads


def joined(metadata: Any) -> Any:  # noqa: ANN401 (kafka-python has no types)
    """Return the metadata of a member; one that has left has none, and without it the broker would fence nobody.

    Raises:
        CommitFailedError: the worker has left its group, or was told that it is dropped.

    """
    if metadata.generation_id < 0 or not metadata.member_id:
        raise CommitFailedError("the group has removed this worker")
    return metadata


def is_fenced(*errors: BaseException | None) -> bool:
    """Tell whether one of the errors says so; kafka-python repeats the first one in the text of those that follow."""
    return any(isinstance(error, kind) or kind.__name__ in str(error) for error in errors for kind in _FENCED)


def is_displaced(settings: WorkerSettings, member_id: str) -> bool:
    """Tell whether the group has members and this is none of them.

    Raises:
        BrokerError: the group's coordinator does not answer within --connect-timeout.

    """
    deadline = time.monotonic() + settings.connect_timeout.total_seconds()
    while True:
        try:
            members = _members(settings)
        except BrokerError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_S)
        else:
            return bool(members) and member_id not in members


def _members(settings: WorkerSettings) -> set[str]:
    with administering(settings) as admin:
        group: Mapping[str, Any] = admin.describe_groups([settings.group_id])[settings.group_id]
    if group["error"] and group["group_state"] != "Dead":  # dead is one that nobody has joined yet
        raise BrokerError(f"the coordinator of group {settings.group_id} does not answer: {group['error']}")
    return {member["member_id"] for member in group["members"]}
